"""Whether traps, captures and detector agree on what is searched."""

import numpy as np

from scr.errors import SurveyError
from scr.survey.captures import CaptureHistory
from scr.survey.detectors import DETECTORS, Detector
from scr.survey.parts import NEAR, check_parts, outside
from scr.survey.traps import Traps


def check_search(session: str, traps: Traps, captures: CaptureHistory, detector: Detector) -> None:
    """Raise where there are outlines or places and the detector takes none, or the reverse.

    Parameters
    ----------
    session
        Its name, for messages.
    traps, captures
        Of the session.
    detector
        What is recorded.

    Raises
    ------
    SurveyError
        If there is no outline or place where one is needed, one that is not used, or a detection
        lies outside its part.
    """
    searched = DETECTORS[detector].searched
    if not searched:
        if traps.parts is not None or len(captures.xy):
            searching = ", ".join(repr(name) for name, kind in DETECTORS.items() if kind.searched)
            msg = (
                f"Session {session!r}: there are searched areas or lines, or places of "
                f"detections, but detector={detector!r} stands at points. Use one of {searching}, "
                "or stations and detections without them."
            )
            raise SurveyError(msg)
        return
    if traps.parts is None:
        msg = (
            f"Session {session!r}: detector={detector!r} searches {searched}, but {traps.source} "
            f"has points alone. Give the outlines of the {searched}, read with scr.read_searched."
        )
        raise SurveyError(msg)
    check_parts(traps.names.tolist(), traps.parts, searched=searched, source=traps.source)
    if len(captures.xy) != captures.count.sum():
        msg = (
            f"Session {session!r}: detector={detector!r} needs the place of each detection, but "
            f"the {captures.count.sum()} detections have none. Give columns x and y."
        )
        raise SurveyError(msg)
    record = np.repeat(np.arange(len(captures.trap)), captures.count)
    away = outside(traps.parts, captures.trap[record], captures.xy)
    bad = np.flatnonzero(away > NEAR)
    if len(bad):
        named = [
            f"{captures.individuals[captures.individual[record[i]]]!r}, occasion "
            f"{captures.occasion[record[i]] + 1}, {away[i]:,.0f} m from "
            f"{traps.names[captures.trap[record[i]]]!r}"
            for i in bad[:10]
        ]
        msg = (
            f"Session {session!r}: {len(bad)} detections lie outside what was searched: "
            f"{'; '.join(named)}. Correct their coordinates or the outlines, or give them the part "
            f"in which they lie; up to {NEAR:g} m is taken as rounding."
        )
        raise SurveyError(msg)
