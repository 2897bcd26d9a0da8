"""The compiled likelihood as an operation of PyTensor."""

from collections.abc import Callable, Sequence
from typing import Any

import numba as nb
import numpy as np
import pytensor.gradient
import pytensor.tensor as pt
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch import basic

from scr.likelihood.kernel.arrays import Packed, Parameters
from scr.likelihood.kernel.evaluate import evaluate

_GRADIENT: Any = pytensor.gradient
_DISPATCH: Any = basic


class SpatialCaptureOp(Op):
    """Sum of log L_i and of the terms of number, and its gradient to each array of parameters.

    Inputs are log density (1 or n_classes, n_cells of all sessions), intensity, sigma, z by level,
    log share (n_sessions, n_classes) and what is known of sides (2,); where paths follow from
    parameters also distance, as in ``Parameters``. Outputs are the value, and the gradient to each
    of these: one node, so that value and gradient are worked out once. It is called from whatever
    PyTensor compiles, and holds no lock of the interpreter while it works.

    Parameters
    ----------
    packed
        The data.
    """

    def __init__(self, packed: Packed) -> None:
        self.packed = packed

    def make_node(self, *inputs: Any) -> Apply[Any]:
        """A node of the graph.

        Parameters
        ----------
        *inputs
            As the class says.
        """
        parameters = [pt.cast(pt.as_tensor(value), "float64") for value in inputs]
        outputs = [pt.dscalar(), *(parameter.type() for parameter in parameters)]
        return Apply(self, parameters, outputs)

    def perform(self, node: Apply[Any], inputs: Sequence[Any], output_storage: Any) -> None:
        """Work out value and gradients.

        Parameters
        ----------
        node
            The node.
        inputs
            Arrays.
        output_storage
            Where the results go.
        """
        del node
        result = evaluate(self.packed, Parameters(*map(np.ascontiguousarray, inputs)))
        value = result.log_animal.sum() + result.number.sum()
        for storage, output in zip(
            output_storage, (np.asarray(value), *result.gradient[: len(inputs)]), strict=True
        ):
            storage[0] = output

    def pullback(
        self, inputs: Sequence[Any], outputs: Sequence[Any], cotangents: Sequence[Any]
    ) -> list[Any]:
        """Gradient by the other outputs of the same node; there are no second derivatives.

        Parameters
        ----------
        inputs, outputs
            Of the node.
        cotangents
            Gradient to the outputs.
        """
        if any(not isinstance(other.type, _GRADIENT.DisconnectedType) for other in cotangents[1:]):
            why = "SpatialCaptureOp has no second derivatives"
            refuse = _GRADIENT.grad_not_implemented
            return [refuse(self, j, inputs[j], why) for j in range(len(inputs))]
        return [cotangents[0] * gradient for gradient in outputs[1:]]


@_DISPATCH.numba_funcify.register(SpatialCaptureOp)  # type: ignore[untyped-decorator]
def _numba_of_spatial_capture(
    op: SpatialCaptureOp, node: Apply[Any], **_: Any
) -> Callable[..., Any]:
    """A function that other functions compiled by Numba can call; its work is in Python."""
    tuple_of: Any = nb.types.Tuple
    outputs = tuple_of([_DISPATCH.get_numba_type(output.type) for output in node.outputs])

    def work(inputs: Any) -> tuple[Any, ...]:
        storage: list[list[Any]] = [[None] for _ in node.outputs]
        op.perform(node, inputs, storage)
        return tuple(found for (found,) in storage)

    @nb.njit
    def spatial_capture(*inputs: Any) -> Any:
        with nb.objmode(found=outputs):
            found = work(inputs)
        return found  # noqa: RET504

    result: Callable[..., Any] = spatial_capture
    return result
