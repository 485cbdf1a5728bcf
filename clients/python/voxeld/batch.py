"""Lists of edits, built call by call, and the context managers that send them as one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from google.protobuf.message import Message

from voxeld.v1 import common_pb2, edit_pb2, layer_pb2

if TYPE_CHECKING:
    from voxeld.aio import AsyncClient
    from voxeld.client import Client
    from voxeld.v1 import voxel_pb2

Position = Sequence[int]
BoxLike = tuple[Position, Position]


def to_box(box: BoxLike) -> common_pb2.Box:
    """(min, max) as a message; half-open."""
    return common_pb2.Box(min=list(box[0]), max=list(box[1]))


def to_axis(axis: str) -> edit_pb2.Axis:
    """ "x", "y" or "z"."""
    value: edit_pb2.Axis = edit_pb2.Axis.Value(f"AXIS_{axis.upper()}")
    return value


class Edits:
    """A list of edits. `layer`, `mode` ("over", "replace", ...), `clip` and `mask` ("!air & surface", the
    voxels that may change) apply to each edit that does not say otherwise. A color is "#c33", a palette name, or a
    pattern ("70%#3a3,30%#484")."""

    def __init__(
        self, layer: str = "", mode: str = "", clip: BoxLike | None = None, mask: str = ""
    ) -> None:
        self._defaults: dict[str, Any] = {"layer": layer, "mode": mode, "clip": clip, "mask": mask}
        self.edits: list[edit_pb2.Edit] = []

    def __len__(self) -> int:
        return len(self.edits)

    def _add(self, options: dict[str, Any], **op: Any) -> None:
        known = {**self._defaults, **options}
        if unknown := set(known) - {"layer", "mode", "clip", "mask"}:
            raise TypeError(
                f"unknown option {sorted(unknown)[0]!r}; edits take layer, mode, clip, mask"
            )
        edit = edit_pb2.Edit(layer=known["layer"], **op)
        if known["mode"]:
            edit.mode = layer_pb2.Mode.Value(f"MODE_{known['mode'].upper()}")
        if known["clip"] is not None:
            edit.clip.CopyFrom(to_box(known["clip"]))
        if known["mask"]:
            edit.mask.text = known["mask"]
        self.edits.append(edit)

    def set(self, positions: Iterable[Position], color: str, **options: Any) -> None:
        """Single voxels of one colour. For many colours see Client.set_voxels."""
        flat = [value for position in positions for value in position]
        self._add(options, set=edit_pb2.SetVoxels(xyz=flat, color=color))

    def box(self, low: Position, high: Position, color: str, wall: int = 0, **options: Any) -> None:
        """A box [low, high)."""
        self._add(options, box=edit_pb2.FillBox(box=to_box((low, high)), color=color, wall=wall))

    def ellipsoid(
        self, low: Position, high: Position, color: str, wall: int = 0, **options: Any
    ) -> None:
        """An ellipsoid that touches the faces of [low, high)."""
        self._add(
            options, ellipsoid=edit_pb2.Ellipsoid(box=to_box((low, high)), color=color, wall=wall)
        )

    def cylinder(
        self,
        low: Position,
        high: Position,
        color: str,
        axis: str = "z",
        wall: int = 0,
        **options: Any,
    ) -> None:
        """A cylinder along `axis` that touches the faces of [low, high)."""
        self._add(
            options,
            cylinder=edit_pb2.Cylinder(
                box=to_box((low, high)), axis=to_axis(axis), color=color, wall=wall
            ),
        )

    def cone(
        self,
        low: Position,
        high: Position,
        color: str,
        axis: str = "z",
        flipped: bool = False,
        wall: int = 0,
        **options: Any,
    ) -> None:
        """A cone with its base at the low end of `axis`, or at the high end if flipped."""
        self._add(
            options,
            cone=edit_pb2.Cone(
                box=to_box((low, high)), axis=to_axis(axis), flipped=flipped, color=color, wall=wall
            ),
        )

    def torus(
        self, center: Position, major: int, minor: int, color: str, axis: str = "z", **options: Any
    ) -> None:
        """A ring around `center`."""
        self._add(
            options,
            torus=edit_pb2.Torus(
                center=list(center), axis=to_axis(axis), major=major, minor=minor, color=color
            ),
        )

    def line(self, points: Iterable[Position], color: str, radius: int = 0, **options: Any) -> None:
        """A polyline."""
        flat = [value for point in points for value in point]
        self._add(options, line=edit_pb2.Line(points=flat, radius=radius, color=color))

    def flood_fill(
        self, seed: Position, color: str, tolerance: int = 0, max_voxels: int = 0, **options: Any
    ) -> None:
        """The connected region around `seed`."""
        self._add(
            options,
            flood_fill=edit_pb2.FloodFill(
                seed=list(seed), color=color, tolerance=tolerance, max_voxels=max_voxels
            ),
        )

    def replace(
        self, old: str, new: str, tolerance: int = 0, box: BoxLike | None = None, **options: Any
    ) -> None:
        """One colour by another."""
        op = edit_pb2.Replace(color=new, tolerance=tolerance, box=to_box(box) if box else None)
        setattr(op, "from", old)
        self._add(options, replace=op)

    def clear(self, box: BoxLike | None = None, **options: Any) -> None:
        """To air; the whole layer without a box."""
        self._add(options, clear=edit_pb2.ClearBox(box=to_box(box) if box else None))

    def move(
        self, low: Position, high: Position, by: Position, skip_empty: bool = False, **options: Any
    ) -> None:
        """The content of [low, high) elsewhere."""
        self._add(
            options,
            move=edit_pb2.MoveBox(box=to_box((low, high)), by=list(by), skip_empty=skip_empty),
        )

    def copy(
        self,
        low: Position,
        high: Position,
        to: Position,
        count: int = 1,
        step: Position = (),
        from_layer: str = "",
        skip_empty: bool = False,
        **options: Any,
    ) -> None:
        """Copies of the content of [low, high), the first with its low corner at `to`."""
        self._add(
            options,
            copy=edit_pb2.CopyBox(
                box=to_box((low, high)),
                from_layer=from_layer,
                to=list(to),
                count=count,
                step=list(step),
                skip_empty=skip_empty,
            ),
        )

    def mirror(self, low: Position, high: Position, axis: str, **options: Any) -> None:
        """The content of [low, high), flipped in place."""
        self._add(options, mirror=edit_pb2.Mirror(box=to_box((low, high)), axis=to_axis(axis)))

    def rotate(
        self, low: Position, high: Position, quarter_turns: int, axis: str = "z", **options: Any
    ) -> None:
        """The content of [low, high), turned about its centre."""
        self._add(
            options,
            rotate=edit_pb2.Rotate(
                box=to_box((low, high)), axis=to_axis(axis), quarter_turns=quarter_turns
            ),
        )

    def paste(
        self,
        low: Position,
        high: Position,
        to: Position = (),
        from_layer: str = "",
        quarter_turns: int = 0,
        axis: str = "z",
        flip: str = "",
        skip_empty: bool = False,
        **options: Any,
    ) -> None:
        """The content of [low, high) of `from_layer`, flipped along the axes of `flip` ("xy") and
        turned, its low corner at `to` (default: where it is)."""
        self._add(
            options,
            paste=edit_pb2.Paste(
                box=to_box((low, high)),
                to=list(to),
                from_layer=from_layer,
                quarter_turns=quarter_turns,
                axis=to_axis(axis),
                flip=[to_axis(name) for name in flip],
                skip_empty=skip_empty,
            ),
        )

    def cut(
        self, low: Position, high: Position, to_layer: str, to: Position = (), **options: Any
    ) -> None:
        """The content of [low, high) into `to_layer`, its low corner at `to` (default: where it is)."""
        self._add(
            options, cut=edit_pb2.Cut(box=to_box((low, high)), to_layer=to_layer, to=list(to))
        )

    def stack(
        self, low: Position, high: Position, direction: Position, count: int = 1, **options: Any
    ) -> None:
        """Copies of the content of [low, high) side by side: `direction` is three of -1, 0 and 1."""
        self._add(
            options,
            stack=edit_pb2.Stack(box=to_box((low, high)), direction=list(direction), count=count),
        )

    def recentre(self, to: Position, anchor: str = "centre", **options: Any) -> None:
        """Moves the whole layer so that its "centre", "base" or "min" is at `to`."""
        value = edit_pb2.Anchor.Value(f"ANCHOR_{anchor.upper()}")
        self._add(options, recentre=edit_pb2.Recentre(to=list(to), anchor=value))

    def combine(self, how: str, with_layer: str, take_colors: bool = False, **options: Any) -> None:
        """With another layer: `how` is "union", "subtract", "intersect" or "xor"."""
        value = edit_pb2.Combination.Value(f"COMBINATION_{how.upper()}")
        op = edit_pb2.Combine(with_layer=with_layer, how=value, take_colors=take_colors)
        self._add(options, combine=op)

    def flatten(self, layers: Iterable[str] = (), **options: Any) -> None:
        """What these layers, or all visible ones, show together, into the edit's layer."""
        self._add(options, flatten=edit_pb2.Flatten(layers=layers))

    def repaint(self, color: str, box: BoxLike | None = None, **options: Any) -> None:
        """Every voxel that is there; with a mask, those that it matches."""
        self._add(options, repaint=edit_pb2.Repaint(color=color, box=to_box(box) if box else None))

    def add(self, op: Message, **options: Any) -> None:
        """Any operation, as its message: add(edit_pb2.Outline(color="#000"))."""
        for field in edit_pb2.Edit.DESCRIPTOR.oneofs_by_name["op"].fields:
            if field.message_type is op.DESCRIPTOR:
                self._add(options, **{field.name: op})
                return
        raise TypeError(f"{type(op).__name__} is no operation of an edit")


class Batch(Edits):
    """Edits that are applied as one when the `with` block ends well; `response` then says what they did."""

    def __init__(
        self, client: Client, project: str, defaults: dict[str, Any], write: dict[str, Any]
    ) -> None:
        super().__init__(**defaults)
        self._client, self._project, self._write = client, project, write
        self.response: voxel_pb2.ApplyEditsResponse | None = None

    def __enter__(self) -> Batch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        if kind is None and self.edits:
            self.response = self._client.apply_edits(self._project, self.edits, **self._write)


class AsyncBatch(Edits):
    """The same for AsyncClient, with `async with`."""

    def __init__(
        self, client: AsyncClient, project: str, defaults: dict[str, Any], write: dict[str, Any]
    ) -> None:
        super().__init__(**defaults)
        self._client, self._project, self._write = client, project, write
        self.response: voxel_pb2.ApplyEditsResponse | None = None

    async def __aenter__(self) -> AsyncBatch:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        if kind is None and self.edits:
            self.response = await self._client.apply_edits(self._project, self.edits, **self._write)
