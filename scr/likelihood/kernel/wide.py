"""Vectors as wide as the processor has.

LLVM holds loops to 256 bits on processors that have 512, as the first of these ran slower for a
while after the use of wide vectors. Loops that do little but multiply and add gain by all of them.
"""

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

WIDEST = '"prefer-vector-width"="512"'
"""Attribute of LLVM functions. Processors without such vectors go by what they have."""


def _ask(function: ir.Function) -> None:
    """Add the attribute, which llvmlite does not list among those that it knows."""
    if isinstance(function.attributes, set):
        set.add(function.attributes, WIDEST)


@intrinsic
def _widest_vectors(_context):  # type: ignore[no-untyped-def]
    def build(context: Any, builder: Any, _signature: Any, _arguments: Any) -> Any:
        _ask(builder.function)
        return context.get_dummy_value()

    return types.void(), build


widest_vectors: Callable[[], None] = cast("Any", _widest_vectors)
"""Ask for the widest vectors in the loops of the compiled function that calls this."""
