"""The client's surface. aio.py is made from this file by make_aio.py; edit here only."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any

import grpc
import numpy as np
import numpy.typing as npt
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message

from voxeld import errors, files, regions, watching
from voxeld.batch import Batch, BoxLike, Position, to_axis, to_box
from voxeld.transport import Transport
from voxeld.v1 import (admin_pb2, common_pb2, edit_pb2, history_pb2, inspect_pb2, layer_pb2, palette_pb2, project_pb2,
                       render_pb2, scene_pb2, selection_pb2, transfer_pb2, voxel_pb2)

Colors = npt.NDArray[np.uint32]


def to_write(request_id: str = "", expected_revision: int = 0, validate_only: bool = False, relaxed: bool = False,
             comment: str = "", actor: str = "", unchanged: tuple[BoxLike, int] | None = None) -> common_pb2.Write:
    """The options every mutation takes. `unchanged` is a box and the revision since which nobody may have changed it."""
    write = common_pb2.Write(request_id=request_id, expected_revision=expected_revision, validate_only=validate_only,
                             comment=comment, actor=actor)
    if relaxed:
        write.durability = common_pb2.DURABILITY_RELAXED
    if unchanged is not None:
        write.unchanged.box.CopyFrom(to_box(unchanged[0]))
        write.unchanged.since_revision = unchanged[1]
    return write


class Client:
    """A connection to voxeld. Mutations also take the options of `to_write` as keywords.

    `target` is a socket path or "host:port"; without one $VOXELD_SOCKET, then the default socket. Calls that the daemon
    does not answer are retried with the same request_id, so an edit is never applied twice: a few times at once, and
    for `wait` seconds while a daemon starts or comes back. `credentials` are gRPC's for a daemon on TCP with TLS
    (`grpc.ssl_channel_credentials`), perhaps with a token (`grpc.access_token_call_credentials`). Safe to use from several threads, and after a fork.
    """

    def __init__(self, target: str | None = None, *, actor: str = "", timeout: float = 30.0, wait: float = 0.0,
                 credentials: grpc.ChannelCredentials | None = None) -> None:
        self._transport = Transport(target, timeout, wait, credentials)
        self._actor = actor

    def __enter__(self) -> Client:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection; another call opens it again."""
        self._transport.close()

    def call(self, method: str, request: Message, timeout: float | None = None) -> Any:
        """Any unary method by its name: call("voxel.get", GetVoxelsRequest(...))."""
        return self._transport.call(method, request, timeout)

    def _write(self, options: dict[str, Any]) -> common_pb2.Write:
        merged: dict[str, Any] = {"actor": self._actor, **options}
        return to_write(**merged)

    def ping(self) -> None:
        """Returns if the daemon answers."""
        self._transport.call("admin.ping", admin_pb2.PingRequest())

    def info(self) -> admin_pb2.InfoResponse:
        """Version, doors and limits."""
        return self._transport.call("admin.info", admin_pb2.InfoRequest())

    # ---- projects

    def create_project(self, project: str, title: str = "", labels: dict[str, str] | None = None,
                       ephemeral: bool = False, **write: Any) -> project_pb2.Project:
        """Makes an empty project with one layer, "main"."""
        request = project_pb2.CreateProjectRequest(project=project, title=title, labels=labels, ephemeral=ephemeral,
                                                   write=self._write(write))
        return self._transport.call("project.create", request).project

    def get_project(self, project: str, revision: int = 0) -> project_pb2.Project:
        """Describes a project."""
        request = project_pb2.GetProjectRequest(project=project, revision=revision)
        return self._transport.call("project.get", request).project

    def list_projects(self, prefix: str = "") -> Iterator[project_pb2.Project]:
        """All projects, in the order of their ids."""
        request = project_pb2.ListProjectsRequest(prefix=prefix, page_size=1000)
        while True:
            page = self._transport.call("project.list", request)
            for found in page.projects:
                yield found
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def delete_project(self, project: str, **write: Any) -> None:
        """Removes a project with its history."""
        request = project_pb2.DeleteProjectRequest(project=project, write=self._write(write))
        self._transport.call("project.delete", request)

    def clone_project(self, project: str, target: str, revision: int = 0, **write: Any) -> project_pb2.Project:
        """Makes a project from a revision of another."""
        request = project_pb2.CloneProjectRequest(project=project, target=target, revision=revision,
                                                  write=self._write(write))
        return self._transport.call("project.clone", request).project

    def merge_project(self, project: str, branch: str, policy: str = "fail", branch_revision: int = 0,
                      **write: Any) -> project_pb2.MergeProjectResponse:
        """Takes what a branch changed, as one revision. `policy` says what wins a conflict: "fail", "ours", "theirs"."""
        request = project_pb2.MergeProjectRequest(project=project, branch=branch, branch_revision=branch_revision,
                                                  policy=project_pb2.MergePolicy.Value(f"MERGE_POLICY_{policy.upper()}"),
                                                  write=self._write(write))
        return self._transport.call("project.merge", request)

    # ---- palette, cameras and light

    def get_palette(self, project: str, revision: int = 0) -> palette_pb2.Palette:
        """The colours with names and materials."""
        request = palette_pb2.GetPaletteRequest(project=project, revision=revision)
        return self._transport.call("palette.get", request).palette

    def name_colors(self, project: str, colors: dict[str, str], **write: Any) -> palette_pb2.Palette:
        """Gives colours names, which edits may then use: {"stone": "#888"}."""
        entries = [palette_pb2.PaletteEntry(name=name, color=color) for name, color in colors.items()]
        request = palette_pb2.UpdatePaletteRequest(project=project, set=entries, write=self._write(write))
        return self._transport.call("palette.update", request).palette

    def get_scene(self, project: str, revision: int = 0) -> scene_pb2.Scene:
        """The cameras and the light."""
        request = scene_pb2.GetSceneRequest(project=project, revision=revision)
        return self._transport.call("scene.get", request).scene

    def set_camera(self, project: str, camera: scene_pb2.Camera, **write: Any) -> scene_pb2.Scene:
        """Adds a camera or replaces the one of its name; render(views=["camera:NAME"]) looks through it."""
        request = scene_pb2.UpdateSceneRequest(project=project, set_cameras=[camera], write=self._write(write))
        return self._transport.call("scene.update", request).scene

    # ---- layers

    def create_layer(self, project: str, layer: str, title: str = "", **write: Any) -> layer_pb2.Layer:
        """Adds an empty layer on top."""
        request = layer_pb2.CreateLayerRequest(project=project, layer=layer_pb2.Layer(layer=layer, title=title),
                                               write=self._write(write))
        return self._transport.call("layer.create", request).layer

    def list_layers(self, project: str, revision: int = 0) -> Sequence[layer_pb2.Layer]:
        """The layers, bottom first (at most 1000)."""
        request = layer_pb2.ListLayersRequest(project=project, page_size=1000, revision=revision)
        return self._transport.call("layer.list", request).layers

    def delete_layer(self, project: str, layer: str, **write: Any) -> common_pb2.Change:
        """Removes a layer."""
        request = layer_pb2.DeleteLayerRequest(project=project, layer=layer, write=self._write(write))
        return self._transport.call("layer.delete", request).change

    def flatten_layers(self, project: str, target: str, **write: Any) -> layer_pb2.Layer:
        """Puts all visible layers together into one, `target`."""
        request = layer_pb2.FlattenLayersRequest(project=project, target=target, write=self._write(write))
        return self._transport.call("layer.flatten", request).layer

    # ---- voxels

    def edit(self, project: str, layer: str = "", mode: str = "", clip: BoxLike | None = None,
             mask: str = "", **write: Any) -> Batch:
        """A batch to be used with `with`: all its edits are applied as one, or none."""
        return Batch(self, project, {"layer": layer, "mode": mode, "clip": clip, "mask": mask}, write)

    def apply_edits(self, project: str, edits: Iterable[edit_pb2.Edit],
                    preview: render_pb2.ViewSpec | None = None, **write: Any) -> voxel_pb2.ApplyEditsResponse:
        """Applies edits as one."""
        request = voxel_pb2.ApplyEditsRequest(project=project, edits=edits, preview=preview, write=self._write(write))
        return self._transport.call("voxel.apply_edits", request)

    def set_voxels(self, project: str, xyz: npt.ArrayLike, rgba: npt.ArrayLike | str, layer: str = "",
                   **write: Any) -> common_pb2.Change:
        """Sets voxels: `xyz` of shape (n, 3); `rgba` n numbers 0xRRGGBBAA, one of them, or a colour like "#c33"."""
        request = voxel_pb2.SetVoxelsRequest(project=project, layer=layer, voxels=regions.to_set_voxels(xyz, rgba),
                                             write=self._write(write))
        return self._transport.call("voxel.set", request).change

    def get_voxels(self, project: str, xyz: npt.ArrayLike, layer: str = "", revision: int = 0,
                   selection: str = "") -> Colors:
        """The colours, 0xRRGGBBAA, at positions of shape (n, 3); 0 is empty, and so is what a selection leaves out."""
        request = voxel_pb2.GetVoxelsRequest(project=project, layer=layer, xyz=regions.to_positions(xyz).ravel(),
                                             revision=revision, selection=selection)
        return np.array(self._transport.call("voxel.get", request).rgba, dtype=np.uint32)

    def read(self, project: str, box: BoxLike, layer: str = "", revision: int = 0, selection: str = "") -> Colors:
        """The box (min, max) as an array indexed [z, y, x] of 0xRRGGBBAA; with a selection only what it holds."""
        reader = regions.Reader(box)
        request = voxel_pb2.ReadRegionRequest(project=project, layer=layer, box=to_box(box), revision=revision,
                                              skip_empty=True, accept=[voxel_pb2.ENCODING_PALETTE],
                                              selection=selection)
        for part in self._transport.stream("voxel.read_region", request):
            reader.add(part.block)
        return reader.array

    def write(self, project: str, origin: Position, array: npt.ArrayLike, layer: str = "", skip_empty: bool = False,
              **write: Any) -> common_pb2.Change:
        """Writes an array indexed [z, y, x] of 0xRRGGBBAA with its [0, 0, 0] at `origin`, as one revision."""
        header = voxel_pb2.WriteRegionHeader(project=project, layer=layer, skip_empty=skip_empty,
                                             write=self._write(write))
        return self._transport.upload("voxel.write_region", regions.to_parts(header, origin, array)).change

    # ---- selections

    def select(self, project: str, selection: str, selector: selection_pb2.Selector | Mapping[str, Any],
               **write: Any) -> selection_pb2.Selection:
        """Makes or replaces a selection: select("castle", "roof", {"mask": {"mask": {"text": "exposed(up)"}}})."""
        if not isinstance(selector, selection_pb2.Selector):
            selector = ParseDict(dict(selector), selection_pb2.Selector())
        request = selection_pb2.SetSelectionRequest(project=project, selection=selection, select=selector,
                                                    write=self._write(write))
        return self._transport.call("selection.set", request).selection

    def list_selections(self, project: str, revision: int = 0) -> Sequence[selection_pb2.Selection]:
        """The selections by their ids (at most 1000)."""
        request = selection_pb2.ListSelectionsRequest(project=project, page_size=1000, revision=revision)
        return self._transport.call("selection.list", request).selections

    def delete_selection(self, project: str, selection: str, **write: Any) -> common_pb2.Change:
        """Forgets a selection; its voxels stay."""
        request = selection_pb2.DeleteSelectionRequest(project=project, selection=selection, write=self._write(write))
        return self._transport.call("selection.delete", request).change

    # ---- history

    def undo(self, project: str, count: int = 1, actor_only: bool = False, **write: Any) -> history_pb2.UndoResponse:
        """Takes back the last revisions; with actor_only those of this client's actor."""
        scope = history_pb2.UNDO_SCOPE_ACTOR if actor_only else history_pb2.UNDO_SCOPE_PROJECT
        request = history_pb2.UndoRequest(project=project, count=count, scope=scope, write=self._write(write))
        return self._transport.call("history.undo", request)

    def redo(self, project: str, count: int = 1, actor_only: bool = False, **write: Any) -> history_pb2.UndoResponse:
        """Applies again what undo took back."""
        scope = history_pb2.UNDO_SCOPE_ACTOR if actor_only else history_pb2.UNDO_SCOPE_PROJECT
        request = history_pb2.UndoRequest(project=project, count=count, scope=scope, write=self._write(write))
        return self._transport.call("history.redo", request)

    def set_checkpoint(self, project: str, checkpoint: str, revision: int = 0, move: bool = False,
                       **write: Any) -> history_pb2.Checkpoint:
        """Names a revision (0: the latest), which is kept until the name is deleted; with move the name may exist."""
        request = history_pb2.SetCheckpointRequest(project=project, checkpoint=checkpoint, revision=revision,
                                                   move=move, write=self._write(write))
        return self._transport.call("history.set_checkpoint", request).checkpoint

    def list_checkpoints(self, project: str) -> Sequence[history_pb2.Checkpoint]:
        """The checkpoints by their names (at most 1000); reads take their `revision`."""
        request = history_pb2.ListCheckpointsRequest(project=project, page_size=1000)
        return self._transport.call("history.list_checkpoints", request).checkpoints

    def delete_checkpoint(self, project: str, checkpoint: str, **write: Any) -> history_pb2.Checkpoint:
        """Deletes a name; its revision is kept only as long as others of its age."""
        request = history_pb2.DeleteCheckpointRequest(project=project, checkpoint=checkpoint,
                                                      write=self._write(write))
        return self._transport.call("history.delete_checkpoint", request).checkpoint

    def rollback(self, project: str, checkpoint: str = "", revision: int = 0, **write: Any) -> common_pb2.Change:
        """Makes the content of a checkpoint, or of a retained revision, the latest."""
        request = history_pb2.RollbackRequest(project=project, checkpoint=checkpoint, revision=revision,
                                              write=self._write(write))
        return self._transport.call("history.rollback", request).change

    def watch(self, project: str, after: int = 0, box: BoxLike | None = None, progress_ms: int = 0,
              blocks: bool = False, resume_token: str = "",
              retry_for: float = 60.0) -> Iterator[history_pb2.WatchResponse]:
        """Every durable revision after `after` (0: after the latest) or a token, once and in order, without end.

        A lost connection, a daemon that starts anew, and WATCH_TOO_SLOW are gone through: the iterator connects again
        and goes on where it was. It raises when the daemon is away for `retry_for` seconds, and when the revisions that
        come next cannot be had any more (RevisionDropped, RevisionUnknown, ProjectNotFound).
        """
        request = history_pb2.WatchRequest(project=project, after_revision=after, progress_ms=progress_ms, blocks=blocks,
                                           resume_token=resume_token, box=to_box(box) if box else None)
        follower = watching.Follower(request, retry_for)
        while True:
            pause = 0.0
            try:
                for item in self._transport.stream("history.watch", follower.request()):
                    if follower.take(item):
                        yield item
            except errors.VoxeldError as error:
                pause = follower.pause_after(error)
            self._transport.sleep(pause)

    # ---- look, import, export

    def summarize(self, project: str, layer: str = "", box: BoxLike | None = None, revision: int = 0,
                  selection: str = "") -> inspect_pb2.SummarizeResponse:
        """Counts voxels and colours, with a selection only of what it holds."""
        request = inspect_pb2.SummarizeRequest(project=project, layer=layer, revision=revision,
                                               box=to_box(box) if box else None, selection=selection)
        return self._transport.call("inspect.summarize", request)

    def slice(self, project: str, position: int, axis: str = "z", layer: str = "", box: BoxLike | None = None,
              step: int = 1, max_size: int = 0, rulers: bool = False, revision: int = 0) -> inspect_pb2.SliceResponse:
        """One plane as `text`, a character for each voxel, and the `legend` that says what they stand for."""
        request = inspect_pb2.SliceRequest(project=project, layer=layer, axis=to_axis(axis), position=position,
                                           step=step, max_size=max_size, rulers=rulers, revision=revision,
                                           box=to_box(box) if box else None)
        return self._transport.call("inspect.slice", request)

    def histogram(self, project: str, layer: str = "", box: BoxLike | None = None, buckets: int = 0,
                  page_size: int = 0, page_token: str = "", revision: int = 0) -> inspect_pb2.HistogramResponse:
        """All colours by how often they occur, page by page, and how full each axis is."""
        request = inspect_pb2.HistogramRequest(project=project, layer=layer, buckets=buckets, page_size=page_size,
                                               page_token=page_token, revision=revision,
                                               box=to_box(box) if box else None)
        return self._transport.call("inspect.histogram", request)

    def find_color(self, project: str, color: str, tolerance: int = 0, layer: str = "", box: BoxLike | None = None,
                   max_items: int = 0, page_token: str = "", revision: int = 0) -> inspect_pb2.FindColorResponse:
        """Where a colour is: `voxels` and `bounds` of all, `xyz` of a page of them."""
        request = inspect_pb2.FindColorRequest(project=project, layer=layer, color=color, tolerance=tolerance,
                                               max_items=max_items, page_token=page_token, revision=revision,
                                               box=to_box(box) if box else None)
        return self._transport.call("inspect.find_color", request)

    def check_structure(self, project: str, checks: Iterable[str] = (), layer: str = "", box: BoxLike | None = None,
                        revision: int = 0, **options: Any) -> inspect_pb2.CheckStructureResponse:
        """Looks for "floating" parts, "cavities", "thin_walls", "symmetry", whether it is "watertight"; without
        `checks` for all. Further keywords are fields of CheckStructureRequest (ground, min_thickness, max_items)."""
        wanted = [inspect_pb2.StructureCheck.Value(f"STRUCTURE_CHECK_{check.upper()}") for check in checks]
        request = inspect_pb2.CheckStructureRequest(project=project, layer=layer, checks=wanted, revision=revision,
                                                    box=to_box(box) if box else None, **options)
        return self._transport.call("inspect.check_structure", request)

    def compare(self, project: str, blueprint: str, layer: str = "", box: BoxLike | None = None,
                blueprint_layer: str = "", blueprint_box: BoxLike | None = None, blueprint_revision: int = 0,
                offset: Position = (), tolerance: int = 0, ignore_colors: bool = False, max_items: int = 0,
                revision: int = 0) -> inspect_pb2.CompareResponse:
        """How like the project `blueprint` it is: `score` from 0 to 1, and what is missing, extra and miscolored."""
        plan = inspect_pb2.Blueprint(project=blueprint, layer=blueprint_layer, revision=blueprint_revision,
                                     box=to_box(blueprint_box) if blueprint_box else None, offset=list(offset))
        request = inspect_pb2.CompareRequest(project=project, layer=layer, revision=revision, blueprint=plan,
                                             tolerance=tolerance, ignore_colors=ignore_colors, max_items=max_items,
                                             box=to_box(box) if box else None)
        return self._transport.call("inspect.compare", request)

    def pick(self, project: str, x: int, y: int, views: Sequence[str] = ("iso",), width: int = 512, height: int = 512,
             revision: int = 0, **spec: Any) -> render_pb2.PickResponse:
        """The voxel that the picture render() would make shows at pixel (x, y)."""
        view = render_pb2.ViewSpec(views=views, width=width, height=height, **spec)
        request = render_pb2.PickRequest(project=project, spec=view, x=x, y=y, revision=revision)
        return self._transport.call("render.pick", request)

    def render(self, project: str, views: Sequence[str] = ("iso",), width: int = 512, height: int = 512,
               revision: int = 0, **spec: Any) -> bytes:
        """A PNG. Further keywords are fields of ViewSpec (background, axes, selection, ...)."""
        view = render_pb2.ViewSpec(views=views, width=width, height=height, **spec)
        request = render_pb2.ViewRequest(project=project, spec=view, revision=revision)
        return self._transport.call("render.view", request).png

    def import_file(self, project: str, path: str | os.PathLike[str], create: bool = True, at: Position = (),
                    **write: Any) -> transfer_pb2.ImportResponse:
        """Sends a local file into a project: a new one, or with create=False into one that exists."""
        header = transfer_pb2.ImportHeader(project=project, create=create, at=list(at), write=self._write(write))
        return self._transport.upload("transfer.import", files.to_parts(header, path))

    def export_file(self, project: str, path: str | os.PathLike[str], format: str = "", revision: int = 0,
                    selection: str = "", **options: str) -> list[str]:
        """Writes a project to a local file and what belongs to it (an .obj's .mtl). The names of the files written."""
        request = transfer_pb2.ExportRequest(project=project, format=format or files.format_of(path),
                                             revision=revision, options=options, name=files.name_of(path),
                                             selection=selection)
        saver = files.Saver(path)
        for part in self._transport.stream("transfer.export", request):
            saver.add(part)
        return saver.finish()

    # ---- keep

    def backup(self, folder: str | os.PathLike[str], project: str = "") -> files.Backup:
        """Writes the files of all projects, or of one, each as it was at one moment: `folder` is a data directory then."""
        with files.BackupSaver(folder) as saver:
            for part in self._transport.stream("admin.backup", admin_pb2.BackupRequest(project=project)):
                saver.add(part)
            return saver.finish()

    def restore(self, project: str, path: str | os.PathLike[str],
                overwrite: bool = False) -> admin_pb2.RestoreResponse:
        """Makes a project of a backup's file, with overwrite=True in the place of the one that has the id."""
        header = admin_pb2.RestoreHeader(project=project, overwrite=overwrite)
        return self._transport.upload("admin.restore", files.to_restore_parts(header, path))

    def verify(self, project: str = "") -> Iterator[admin_pb2.VerifyResponse]:
        """Checks the file of one project, or all: what is wrong, and an item with last_part for each project."""
        for item in self._transport.stream("admin.verify", admin_pb2.VerifyRequest(project=project)):
            yield item
