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

from scr.likelihood.kernel.compiled import STAMP
from scr.likelihood.kernel.evaluate import evaluate
from scr.likelihood.kernel.packing import Packed

_N_PARAMETERS = 5
_GRADIENT: Any = pytensor.gradient
_DISPATCH: Any = basic
_PYTENSOR: Any = pytensor


class SpatialCaptureOp(Op):
    """sum log L_i - sum Lambda and its gradient to each array of parameters.

    Inputs are log density (1 or n_classes, n_cells of all sessions), intensity, sigma, z by level,
    log share (n_sessions, n_classes), and then the arrays of ``Packed``, as inputs and not as
    constants, so that what is compiled holds for any data. Outputs are the value, and the gradient
    to each of the five parameters: one node, so that value and gradient are worked out once.
    """

    __props__ = ()

    def make_node(self, *inputs: Any) -> Apply[Any]:
        """A node of the graph.

        Parameters
        ----------
        *inputs
            As the class says.
        """
        tensors = [pt.as_tensor(value) for value in inputs]
        parameters = [
            pt.cast(tensor, "float64") if tensor.dtype != "float64" else tensor
            for tensor in tensors[:_N_PARAMETERS]
        ]
        outputs = [pt.dscalar(), *(parameter.type() for parameter in parameters)]
        return Apply(self, [*parameters, *tensors[_N_PARAMETERS:]], outputs)

    def perform(self, node: Apply[Any], inputs: Sequence[Any], output_storage: Any) -> None:
        """Work out value and gradients; the lock of the interpreter is free meanwhile.

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
        log_density, intensity, sigma, z, log_share = map(
            np.ascontiguousarray, inputs[:_N_PARAMETERS]
        )
        data = Packed(*inputs[_N_PARAMETERS:])
        result = evaluate(data, log_density, intensity, sigma, z, log_share, True)
        value = result.log_animal.sum() - result.expected.sum()
        for storage, output in zip(output_storage, (np.asarray(value), *result[2:]), strict=True):
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
        of_data = [_GRADIENT.disconnected_type() for _ in inputs[_N_PARAMETERS:]]
        if any(not isinstance(other.type, _GRADIENT.DisconnectedType) for other in cotangents[1:]):
            why = "SpatialCaptureOp has no second derivatives"
            refuse = _GRADIENT.grad_not_implemented
            refused = [refuse(self, j, inputs[j], why) for j in range(_N_PARAMETERS)]
            return [*refused, *of_data]
        return [*(cotangents[0] * gradient for gradient in outputs[1:]), *of_data]

    def connection_pattern(self, node: Apply[Any]) -> list[list[bool]]:
        """Outputs depend on parameters; on the data there is no derivative.

        Parameters
        ----------
        node
            The node.
        """
        n_outputs = 1 + _N_PARAMETERS
        n_data = len(node.inputs) - _N_PARAMETERS
        return [[True] * n_outputs] * _N_PARAMETERS + [[False] * n_outputs] * n_data


@_DISPATCH.register_funcify_default_op_cache_key(SpatialCaptureOp)  # type: ignore[untyped-decorator]
def _numba_of_spatial_capture(
    op: SpatialCaptureOp, node: Apply[Any] | None = None, **_: Any
) -> tuple[Callable[..., Any], int]:
    del op, node

    @nb.njit(nogil=True)
    def spatial_capture(
        log_density: Any, intensity: Any, sigma: Any, z: Any, log_share: Any, *data: Any
    ) -> Any:
        result = evaluate(Packed(*data), log_density, intensity, sigma, z, log_share, True)
        return (
            np.asarray(result.log_animal.sum() - result.expected.sum()),
            result.to_log_density,
            result.to_intensity,
            result.to_sigma,
            result.to_z,
            result.to_log_share,
        )

    return spatial_capture, int(STAMP[:12], 16)


def shared_data(packed: Packed, prefix: str) -> list[Any]:
    """The arrays of ``Packed`` as shared variables, inputs of the compiled function.

    Parameters
    ----------
    packed
        The data.
    prefix
        Start of their names.
    """
    return [
        _PYTENSOR.shared(np.asarray(array), name=f"{prefix}::{name}")
        for name, array in zip(Packed._fields, packed, strict=True)
    ]
