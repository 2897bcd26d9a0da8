"""A file of HDF5 that holds all of its content itself, and no more than it says."""

from io import BytesIO

import h5py

_MOST_TIMES = 2
_MOST_GROUPS = 10_000
_SLACK_BYTES = 10_000_000


def check_content(content: bytes) -> None:
    """Raise where a file takes data from other files, or declares far more than it holds.

    Parameters
    ----------
    content
        The file.

    Raises
    ------
    ValueError
        Saying what is wrong with it.
    """
    total = 0
    with h5py.File(BytesIO(content), "r") as file:
        waiting: list[h5py.Group] = [file]
        seen = 0
        while waiting:
            group = waiting.pop()
            seen += 1
            if seen > _MOST_GROUPS:
                msg = f"it has more than {_MOST_GROUPS:,} groups, or groups that hold each other"
                raise ValueError(msg)
            for name in group:
                leads_away = not isinstance(group.get(name, getlink=True), h5py.HardLink)
                if leads_away:
                    msg = f"{group.name}/{name} leads to another place, which is not opened"
                    raise ValueError(msg)
                item = group[name]
                if isinstance(item, h5py.Group):
                    waiting.append(item)
                elif isinstance(item, h5py.Dataset):
                    total += _own_bytes(item)
    if total > _MOST_TIMES * len(content) + _SLACK_BYTES:
        msg = f"it declares {total / 1e6:,.0f} MB of data in {len(content) / 1e6:,.0f} MB"
        raise ValueError(msg)


def _own_bytes(dataset: h5py.Dataset) -> int:
    if dataset.external or dataset.is_virtual:
        msg = f"{dataset.name} takes its data from another file, which is not opened"
        raise ValueError(msg)
    return int(dataset.nbytes)
