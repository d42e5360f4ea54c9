"""How templates are compiled: the code of Jinja, with shorter ways for what every page does a thousand times.

A value becomes text without a `Markup` around it, since it is joined to the page at once; plain functions are called
without a search for what they want passed. The HTML is the same, byte for byte.
"""

from __future__ import annotations

from types import FunctionType, MethodType
from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context, Macro

from prikus.ui import escaping

PASSED = "jinja_pass_arg"
FRAMES = ("_block_vars", "_loop_vars")


class Generator(CodeGenerator):
    """Writes `shown(…)` where Jinja writes `escape(…)`."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:
        self.writeline(f"from {escaping.__name__} import shown")
        super().visit_Template(node, frame)

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("shown(")


class ShortContext(Context):
    """Calls macros and functions that want nothing passed by themselves."""

    def call(__self, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        kind = type(__obj)
        if kind is not Macro and (kind not in (FunctionType, MethodType) or hasattr(__obj, PASSED)):
            return super().call(__obj, *args, **kwargs)
        for name in FRAMES:
            kwargs.pop(name, None)
        return __obj(__self.eval_ctx, *args, **kwargs) if kind is Macro else __obj(*args, **kwargs)
