// The parts of a document that are not voxels, each written down once, for both directions: `Io` is
// a PartWriter or a PartReader. A new field of a document is one line here (a lint,
// tests/lint/codec.py, finds those that were forgotten).
//
// Hostile input: sizes are checked before memory is taken; what must hold in a document beyond
//            single values is checked by ValidDocument (document_delta.cc).
#pragma once

#include <bit>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "daemon/codec/bytes.h"
#include "voxel/grid/layer.h"
#include "voxel/grid/palette.h"
#include "voxel/grid/scene_graph.h"
#include "voxel/grid/stage.h"

namespace voxeld {

class PartWriter {
 public:
  explicit PartWriter(ByteWriter* out) : out_(out) {}
  void Text(const std::string& text) { out_->Text(text); }
  void Flag(bool flag) { out_->Byte(flag ? 1 : 0); }
  void Byte(uint8_t byte) { out_->Byte(byte); }
  void Int(int32_t value) { out_->Signed(value); }
  void Wide(int64_t value) { out_->Signed(value); }
  void Real(double value) { out_->Fixed64(std::bit_cast<uint64_t>(value)); }
  void Color(voxel::Color color) { out_->Fixed32(color); }
  void Rotation(const voxel::Rotation& rotation) { out_->Byte(rotation.byte()); }
  template <typename E>
  void Enum(E value, E /*last*/) {
    out_->Byte(static_cast<uint8_t>(value));
  }
  template <typename T, typename Fn>
  void List(const std::vector<T>& list, Fn each) {
    out_->Varint(list.size());
    for (const T& item : list) each(*this, item);
  }
  template <typename T, typename Fn>
  void Map(const std::map<std::string, T>& map, Fn each) {
    out_->Varint(map.size());
    for (const auto& entry : map) each(*this, entry);
  }
  template <typename T, typename Fn>
  void Optional(const std::optional<T>& value, Fn each) {
    Flag(value.has_value());
    if (value) each(*this, *value);
  }

 private:
  ByteWriter* out_;
};

class PartReader {
 public:
  explicit PartReader(ByteReader* in) : in_(in) {}
  void Text(std::string& text) { text = in_->Text(); }
  void Flag(bool& flag) { flag = in_->Below(2) == 1; }
  void Byte(uint8_t& byte) { byte = in_->Byte(); }
  void Int(int32_t& value) {
    const int64_t wide = in_->Signed();
    value = static_cast<int32_t>(wide);
    if (value != wide) in_->Fail();
  }
  void Wide(int64_t& value) { value = in_->Signed(); }
  // Finite.
  void Real(double& value) {
    value = std::bit_cast<double>(in_->Fixed64());
    if (!std::isfinite(value)) in_->Fail();
  }
  void Color(voxel::Color& color) { color = in_->Fixed32(); }
  void Rotation(voxel::Rotation& rotation) {
    const auto read = voxel::Rotation::FromByte(in_->Byte());
    if (!read) return in_->Fail();
    rotation = *read;
  }
  // A value from 0 to `last`.
  template <typename E>
  void Enum(E& value, E last) {
    value = static_cast<E>(in_->Below(static_cast<uint64_t>(last) + 1));
  }
  template <typename T, typename Fn>
  void List(std::vector<T>& list, Fn each) {
    list.clear();
    for (size_t left = in_->Count(); left > 0 && in_->ok(); --left)
      each(*this, list.emplace_back());
  }
  template <typename T, typename Fn>
  void Map(std::map<std::string, T>& map, Fn each) {
    map.clear();
    for (size_t left = in_->Count(2); left > 0 && in_->ok(); --left) {
      std::pair<std::string, T> entry;
      each(*this, entry);
      map.insert(std::move(entry));
    }
  }
  template <typename T, typename Fn>
  void Optional(std::optional<T>& value, Fn each) {
    value.reset();
    if (in_->Below(2) == 1) each(*this, value.emplace());
  }

 private:
  ByteReader* in_;
};

inline constexpr auto kTextPair = [](auto& io, auto& pair) {
  io.Text(pair.first);
  io.Text(pair.second);
};

template <typename Io, typename T>
void CoordPart(Io& io, T& coord) {
  io.Int(coord.x);
  io.Int(coord.y);
  io.Int(coord.z);
}

// A layer but for its voxels.
template <typename Io, typename T>
void LayerPart(Io& io, T& layer) {
  io.Text(layer.id);
  io.Text(layer.title);
  io.Text(layer.group);
  io.Flag(layer.visible);
  io.Flag(layer.locked);
  io.Byte(layer.opacity);
  io.Enum(layer.mode, voxel::Mode::kReplace);
  io.Text(layer.material);
  io.Rotation(layer.transform.rotation);
  CoordPart(io, layer.transform.offset);
  io.Text(layer.linked_to);
  io.List(layer.scene_path, [](auto& sub, auto& node) { sub.Int(node); });
  io.Map(layer.labels, kTextPair);
}

template <typename Io, typename T>
void PalettePart(Io& io, T& palette) {
  io.List(palette.entries, [](auto& sub, auto& entry) {
    sub.Color(entry.color);
    sub.Text(entry.name);
    sub.Map(entry.material.properties, kTextPair);
  });
  io.Map(palette.materials, [](auto& sub, auto& named) {
    sub.Text(named.first);
    sub.Map(named.second.properties, kTextPair);
  });
}

template <typename Io, typename T>
void AttributesPart(Io& io, T& attributes) {
  io.List(attributes, kTextPair);
}

template <typename Io, typename T>
void CameraPart(Io& io, T& camera) {
  io.Text(camera.name);
  io.Enum(camera.kind, voxel::SceneCamera::Kind::kPanorama);
  for (auto& coordinate : camera.target) io.Real(coordinate);
  io.Real(camera.azimuth);
  io.Real(camera.elevation);
  io.Real(camera.roll);
  io.Real(camera.distance);
  io.Real(camera.fov);
  io.Int(camera.slot);
  AttributesPart(io, camera.attributes);
}

template <typename Io, typename T>
void LightPart(Io& io, T& light) {
  io.Real(light.azimuth);
  io.Real(light.elevation);
  io.Flag(light.follows_view);
  io.Real(light.intensity);
  io.Color(light.color);
  io.Real(light.ambient);
  io.Color(light.ambient_color);
  io.Real(light.shadow);
  AttributesPart(io, light.sun_attributes);
  AttributesPart(io, light.sky_attributes);
}

template <typename Io, typename T>
void StagePart(Io& io, T& stage) {
  io.List(stage.cameras, [](auto& sub, auto& camera) { CameraPart(sub, camera); });
  io.Optional(stage.light, [](auto& sub, auto& light) { LightPart(sub, light); });
}

template <typename Io, typename T>
void MergedPart(Io& io, T& merged) {
  io.Map(merged, [](auto& sub, auto& branch) {
    sub.Text(branch.first);
    sub.Wide(branch.second);
  });
}

template <typename Io, typename T>
void SceneNodePart(Io& io, T& node) {
  io.Enum(node.kind, voxel::SceneNode::Kind::kShape);
  AttributesPart(io, node.attributes);
  io.List(node.children, [](auto& sub, auto& child) { sub.Int(child); });
  io.Int(node.layer);
  io.List(node.frames, [](auto& sub, auto& frame) { AttributesPart(sub, frame); });
  io.List(node.models, [](auto& sub, auto& model) { sub.Int(model); });
}

// A scene graph but for the voxels and indices of its models.
template <typename Io, typename T>
void ScenePart(Io& io, T& scene) {
  io.Text(scene.format);
  io.Int(scene.version);
  io.List(scene.nodes, [](auto& sub, auto& node) { SceneNodePart(sub, node); });
  io.List(scene.models, [](auto& sub, auto& model) { CoordPart(sub, model.size); });
  io.List(scene.chunks, [](auto& sub, auto& chunk) {
    sub.Text(chunk.id);
    sub.Text(chunk.content);
  });
}

// A selection but for its ink.
template <typename Io, typename T>
void SelectionPart(Io& io, T& selection) {
  io.Text(selection.id);
  io.Flag(selection.voxels.complement);
}

template <typename Io, typename T>
void LabelsPart(Io& io, T& labels) {
  io.Map(labels, kTextPair);
}

}  // namespace voxeld
