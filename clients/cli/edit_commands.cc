#include "clients/cli/edit_commands.h"

#include <utility>

namespace voxctl {
namespace {

#define EDIT(op) "edits.0." op
const std::vector<Argument> edit_options = {{"--layer", EDIT("layer")},
                                            {"--mode", EDIT("mode")},
                                            {"--clip", EDIT("clip")},
                                            {"--mask", EDIT("mask.text")}};

// An edit of one shape that is given by the corners of its box.
ShortCommand BoxShape(const char* name, const char* help, const char* min, const char* max,
                      const char* color, std::vector<Argument> more) {
  ShortCommand command{name,
                       "voxel.apply_edits",
                       help,
                       {{"project", "project"}, {"min", min}, {"max", max}, {"--color!", color}}};
  command.arguments.insert(command.arguments.end(), more.begin(), more.end());
  command.arguments.insert(command.arguments.end(), edit_options.begin(), edit_options.end());
  return command;
}

ShortCommand OtherEdit(const char* name, const char* help, std::vector<Argument> arguments,
                       std::vector<std::pair<const char*, const char*>> fixed = {}) {
  ShortCommand command{name, "voxel.apply_edits", help, {{"project", "project"}}, std::move(fixed)};
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  command.arguments.insert(command.arguments.end(), edit_options.begin(), edit_options.end());
  return command;
}

}  // namespace

std::vector<ShortCommand> ShapeCommands() {
  return {
      BoxShape("box", "Fill a box: voxctl box castle 0,0,0 10,10,10 --color '#c33'",
               EDIT("box.box.min"), EDIT("box.box.max"), EDIT("box.color"),
               {{"--wall", EDIT("box.wall")}}),
      BoxShape("ball",
               "Fill an ellipsoid that touches the box's faces: voxctl ball castle 0,0,0 9,9,9 "
               "--color '#c33'",
               EDIT("ellipsoid.box.min"), EDIT("ellipsoid.box.max"), EDIT("ellipsoid.color"),
               {{"--wall", EDIT("ellipsoid.wall")}}),
      BoxShape("cylinder",
               "Fill a cylinder: voxctl cylinder castle 0,0,0 9,9,20 --color '#c33' --wall 1",
               EDIT("cylinder.box.min"), EDIT("cylinder.box.max"), EDIT("cylinder.color"),
               {{"--axis", EDIT("cylinder.axis")}, {"--wall", EDIT("cylinder.wall")}}),
      BoxShape("cone", "Fill a cone: voxctl cone castle 0,0,0 9,9,20 --color '#c33' --flipped",
               EDIT("cone.box.min"), EDIT("cone.box.max"), EDIT("cone.color"),
               {{"--axis", EDIT("cone.axis")},
                {"--flipped", EDIT("cone.flipped")},
                {"--wall", EDIT("cone.wall")}}),
      OtherEdit("torus",
                "Fill a ring: voxctl torus castle 0,0,0 --major 8 --minor 2 --color '#c33'",
                {{"center", EDIT("torus.center")},
                 {"--major!", EDIT("torus.major")},
                 {"--minor!", EDIT("torus.minor")},
                 {"--axis", EDIT("torus.axis")},
                 {"--color!", EDIT("torus.color")}}),
      OtherEdit("line", "Draw a polyline: voxctl line castle 0,0,0,5,5,5 --color '#c33'",
                {{"points", EDIT("line.points")},
                 {"--radius", EDIT("line.radius")},
                 {"--color!", EDIT("line.color")}}),
      BoxShape("pyramid", "Fill a pyramid: voxctl pyramid castle 0,0,0 9,9,5 --color '#c33'",
               EDIT("pyramid.box.min"), EDIT("pyramid.box.max"), EDIT("pyramid.color"),
               {{"--axis", EDIT("pyramid.axis")},
                {"--flipped", EDIT("pyramid.flipped")},
                {"--wall", EDIT("pyramid.wall")}}),
      OtherEdit("capsule",
                "Fill a rod with round ends: voxctl capsule castle 0,0,0 0,0,20 --radius 3 --color "
                "'#c33'",
                {{"from", EDIT("capsule.from")},
                 {"to", EDIT("capsule.to")},
                 {"--radius!", EDIT("capsule.radius")},
                 {"--color!", EDIT("capsule.color")}}),
      OtherEdit("prism",
                "Fill a polygon along an axis: voxctl prism castle 0,0,0,9,0,0,0,9,0 --length 4 "
                "--color '#c33'",
                {{"points", EDIT("prism.points")},
                 {"--length", EDIT("prism.length")},
                 {"--axis", EDIT("prism.axis")},
                 {"--color!", EDIT("prism.color")}}),
      BoxShape("walls",
               "Fill the four sides of a box: voxctl walls castle 0,0,0 9,9,9 --color '#c33' "
               "--thickness 2",
               EDIT("walls.box.min"), EDIT("walls.box.max"), EDIT("walls.color"),
               {{"--axis", EDIT("walls.axis")}, {"--thickness", EDIT("walls.thickness")}}),
      BoxShape("faces",
               "Fill the six sides of a box: voxctl faces castle 0,0,0 9,9,9 --color '#c33'",
               EDIT("faces.box.min"), EDIT("faces.box.max"), EDIT("faces.color"),
               {{"--thickness", EDIT("faces.thickness")}}),
      OtherEdit("runs", "Set rows along x: voxctl runs castle 1,2,3,10 --color '#c33'",
                {{"runs", EDIT("runs.runs")}, {"--color!", EDIT("runs.color")}}),
      OtherEdit("set", "Set voxels: voxctl set castle 1,2,3 --color '#c33'",
                {{"xyz", EDIT("set.xyz")}, {"--color!", EDIT("set.color")}}),
  };
}

std::vector<ShortCommand> ContentCommands() {
  return {
      OtherEdit(
          "fill",
          "Flood fill from a voxel: voxctl fill castle 4,4,4 --color '#c33' --clip 0,0,0:9,9,9",
          {{"seed", EDIT("flood_fill.seed")},
           {"--color!", EDIT("flood_fill.color")},
           {"--tolerance", EDIT("flood_fill.tolerance")},
           {"--max-voxels", EDIT("flood_fill.max_voxels")}}),
      OtherEdit("replace", "Replace a colour: voxctl replace castle '#c33' '#3c3'",
                {{"from", EDIT("replace.from")},
                 {"to", EDIT("replace.color")},
                 {"--tolerance", EDIT("replace.tolerance")},
                 {"--box", EDIT("replace.box")}}),
      OtherEdit("clear", "Clear a box: voxctl clear castle 0,0,0 4,4,4",
                {{"min", EDIT("clear.box.min")}, {"max", EDIT("clear.box.max")}}),
      OtherEdit("repaint",
                "Paint every voxel that is there: voxctl repaint castle '#c33' --mask surface",
                {{"color", EDIT("repaint.color")}, {"--box", EDIT("repaint.box")}}),
      OtherEdit("drain", "Remove a connected region: voxctl drain castle 0,0,0 --tolerance 8",
                {{"seed", EDIT("drain.seed")},
                 {"--tolerance", EDIT("drain.tolerance")},
                 {"--max-voxels", EDIT("drain.max_voxels")}}),
      OtherEdit("crop", "Clear everything outside a box: voxctl crop castle 0,0,0 9,9,9",
                {{"min", EDIT("crop.box.min")}, {"max", EDIT("crop.box.max")}}),
      OtherEdit("outline",
                "Paint what is beside the solid, or its surface: voxctl outline castle --color "
                "'#222' --neighbours edges",
                {{"--color!", EDIT("outline.color")},
                 {"--neighbours", EDIT("outline.neighbours")},
                 {"--inside", EDIT("outline.inside")},
                 {"--thickness", EDIT("outline.thickness")}}),
      OtherEdit("hollow", "Remove the inside of the solid: voxctl hollow castle --thickness 1",
                {{"--thickness!", EDIT("hollow.thickness")}}),
      OtherEdit("fill-voids",
                "Fill what is empty and enclosed: voxctl fill-voids castle --color '#c33'",
                {{"--color!", EDIT("fill_voids.color")}}),
  };
}

std::vector<ShortCommand> PlacementCommands() {
  return {
      OtherEdit("move", "Move a box of voxels: voxctl move castle 0,0,0 4,4,4 10,0,0",
                {{"min", EDIT("move.box.min")},
                 {"max", EDIT("move.box.max")},
                 {"by", EDIT("move.by")},
                 {"--skip-empty", EDIT("move.skip_empty")}}),
      OtherEdit(
          "copy",
          "Copy a box of voxels: voxctl copy castle 0,0,0 4,4,4 10,0,0 --count 3 --step 5,0,0",
          {{"min", EDIT("copy.box.min")},
           {"max", EDIT("copy.box.max")},
           {"to", EDIT("copy.to")},
           {"--count", EDIT("copy.count")},
           {"--step", EDIT("copy.step")},
           {"--from-layer", EDIT("copy.from_layer")},
           {"--skip-empty", EDIT("copy.skip_empty")}}),
      OtherEdit("paste",
                "Paste a box of another layer: voxctl paste castle --from-layer clipboard "
                "--to 9,0,0 --turns 1",
                {{"--from-layer", EDIT("paste.from_layer")},
                 {"--box", EDIT("paste.box")},
                 {"--to", EDIT("paste.to")},
                 {"--turns", EDIT("paste.quarter_turns")},
                 {"--axis", EDIT("paste.axis")},
                 {"--flip", EDIT("paste.flip")},
                 {"--skip-empty", EDIT("paste.skip_empty")}}),
      OtherEdit("cut",
                "Move a box of voxels into another layer: voxctl cut castle 0,0,0 4,4,4 --to-layer "
                "clipboard",
                {{"min", EDIT("cut.box.min")},
                 {"max", EDIT("cut.box.max")},
                 {"--to-layer!", EDIT("cut.to_layer")},
                 {"--to", EDIT("cut.to")},
                 {"--skip-empty", EDIT("cut.skip_empty")}}),
      OtherEdit("stack",
                "Repeat a box next to itself: voxctl stack castle 0,0,0 4,4,4 1,0,0 --count 5",
                {{"min", EDIT("stack.box.min")},
                 {"max", EDIT("stack.box.max")},
                 {"direction", EDIT("stack.direction")},
                 {"--count", EDIT("stack.count")},
                 {"--skip-empty", EDIT("stack.skip_empty")}}),
      OtherEdit("recentre", "Move the whole layer: voxctl recentre castle 0,0,0 --anchor base",
                {{"to", EDIT("recentre.to")}, {"--anchor", EDIT("recentre.anchor")}}),
      OtherEdit("combine",
                "Combine with another layer: voxctl combine castle roof subtract --layer main",
                {{"with", EDIT("combine.with_layer")},
                 {"how", EDIT("combine.how")},
                 {"--take-colors", EDIT("combine.take_colors")}}),
      OtherEdit("flatten",
                "Put what all visible layers show into one: voxctl flatten castle --layer main",
                {{"--layers", EDIT("flatten.layers")}}, {{EDIT("flatten"), "{}"}}),
      OtherEdit("mirror",
                "Flip a box of voxels in place: voxctl mirror castle 0,0,0 9,9,9 --axis x",
                {{"min", EDIT("mirror.box.min")},
                 {"max", EDIT("mirror.box.max")},
                 {"--axis!", EDIT("mirror.axis")}}),
      OtherEdit("rotate",
                "Turn a box of voxels in place: voxctl rotate castle 0,0,0 9,9,9 --turns 1",
                {{"min", EDIT("rotate.box.min")},
                 {"max", EDIT("rotate.box.max")},
                 {"--turns!", EDIT("rotate.quarter_turns")},
                 {"--axis", EDIT("rotate.axis")}}),
      OtherEdit("extrude",
                "Repeat the outermost slice of a box: voxctl extrude castle 0,0,0 9,9,9 --length 5",
                {{"min", EDIT("extrude.box.min")},
                 {"max", EDIT("extrude.box.max")},
                 {"--length!", EDIT("extrude.length")},
                 {"--axis", EDIT("extrude.axis")},
                 {"--skip-empty", EDIT("extrude.skip_empty")}}),
      OtherEdit(
          "scale",
          "Make a box of voxels larger or smaller: voxctl scale castle 0,0,0 4,4,4 --factor 2",
          {{"min", EDIT("scale.box.min")},
           {"max", EDIT("scale.box.max")},
           {"--factor!", EDIT("scale.factor")},
           {"--down", EDIT("scale.down")}}),
  };
}

std::vector<ShortCommand> ColorCommands() {
  return {
      OtherEdit("remap", "Turn colours into others: voxctl remap castle '#c33,#3c3' '#300,#030'",
                {{"from", EDIT("remap.from")}, {"to", EDIT("remap.to")}}),
      OtherEdit("quantise", "Reduce the number of colours: voxctl quantise castle 16",
                {{"colors", EDIT("quantise.colors")}}),
      OtherEdit(
          "merge-colors",
          "Turn rare colours into similar frequent ones: voxctl merge-colors castle --tolerance 16",
          {{"--tolerance!", EDIT("merge_colors.tolerance")}}),
      OtherEdit("adjust",
                "Shift hue, saturation, lightness, contrast: voxctl adjust castle --hue 30 "
                "--lightness -10",
                {{"--hue", EDIT("adjust.hue")},
                 {"--saturation", EDIT("adjust.saturation")},
                 {"--lightness", EDIT("adjust.lightness")},
                 {"--contrast", EDIT("adjust.contrast")}}),
  };
}

#undef EDIT

}  // namespace voxctl
