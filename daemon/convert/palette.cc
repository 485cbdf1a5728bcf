#include "daemon/convert/palette.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "daemon/convert/color_text.h"
#include "daemon/convert/enums.h"
#include "daemon/convert/ids.h"
#include "google/protobuf/descriptor.h"
#include "voxel/base/check.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using google::protobuf::FieldDescriptor;
using voxel::Error;
using voxel::MaterialProperty;
using voxel::PaletteEntry;
using voxel::Reason;
using voxel::StrCat;

constexpr uint32_t kMaxEntries = 65536;
constexpr size_t kMaxMaterials = 1024;
constexpr size_t kMaxNameBytes = 64;
constexpr int kMaxOthers = 32;
constexpr size_t kMaxOtherBytes = 256;

absl::Status Invalid(std::string_view field, std::string_view message) {
  return Error(Reason::INVALID_FIELD, StrCat(field, " ", message), field);
}

// The message's field of a property: both tables have the same names.
const FieldDescriptor* FieldOf(const MaterialProperty& property) {
  const FieldDescriptor* field =
      v1::Material::descriptor()->FindFieldByName(std::string(property.name));
  VOXEL_CHECK(field != nullptr);
  return field;
}

std::vector<double> NumbersOf(const v1::Material& material, const FieldDescriptor* field) {
  const auto* reflection = material.GetReflection();
  if (field->is_repeated()) {
    const int count = reflection->FieldSize(material, field);
    std::vector<double> numbers;
    numbers.reserve(static_cast<size_t>(count));
    for (int i = 0; i < count; ++i) {
      numbers.push_back(double{reflection->GetRepeatedFloat(material, field, i)});
    }
    return numbers;
  }
  if (!reflection->HasField(material, field)) return {};
  return {double{reflection->GetFloat(material, field)}};
}

absl::Status SetProperty(const MaterialProperty& property, const std::vector<double>& numbers,
                         std::string_view field, voxel::Material* material) {
  const std::string path = StrCat(field, ".", property.name);
  if (!numbers.empty() && numbers.size() != static_cast<size_t>(property.numbers)) {
    return Invalid(path, StrCat("has ", numbers.size(), " numbers; it takes ", property.numbers));
  }
  for (const double number : numbers) {
    // Compared as floats, which is what came: 0.1 is no double.
    if (number >= static_cast<float>(property.low) && number <= static_cast<float>(property.high))
      continue;
    return Invalid(path, StrCat("is ", number, "; it takes ", property.low, " to ", property.high));
  }
  material->SetNumbers(property, numbers);
  return absl::OkStatus();
}

absl::Status SetOthers(const v1::Material& from, std::string_view field,
                       voxel::Material* material) {
  const std::string path = StrCat(field, ".others");
  if (from.others_size() > kMaxOthers) {
    return Invalid(path, StrCat("has ", from.others_size(), " entries; it takes ", kMaxOthers));
  }
  for (const auto& [key, value] : from.others()) {
    if (key.empty()) return Invalid(path, "has an empty key");
    VOXEL_RETURN_IF_ERROR(CheckText(key, kMaxOtherBytes, path));
    VOXEL_RETURN_IF_ERROR(CheckText(value, kMaxOtherBytes, path));
    if (!material->properties.emplace(key, value).second) {
      return Invalid(path, StrCat("has \"", key, "\", which is given by a field of its own"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckName(std::string_view name, std::string_view field) {
  const auto plain = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           static_cast<unsigned char>(c) > 127;
  };
  const bool good = name.size() <= kMaxNameBytes && !name.empty() && plain(name[0]) &&
                    name.back() != ' ' && name != "air" &&
                    std::all_of(name.begin(), name.end(), [&](char c) {
                      return plain(c) || c == ' ' || c == '_' || c == '.' || c == '-';
                    });
  if (good) return absl::OkStatus();
  return Invalid(field, StrCat("is \"", absl::CHexEscape(voxel::ToAbsl(name.substr(0, 80))),
                               "\"; a name is 1 to 64 bytes of letters, digits, blanks and _ . -, "
                               "begins with a letter or a digit, and is not \"air\""));
}

PaletteEntry* FindEntry(voxel::Palette* palette, std::string_view name) {
  const PaletteEntry* found = palette->Find(name);
  return found == nullptr ? nullptr
                          : &palette->entries[static_cast<size_t>(found - palette->entries.data())];
}

void DropUnusedEnd(voxel::Palette* palette) {
  while (!palette->entries.empty() && palette->entries.back() == PaletteEntry()) {
    palette->entries.pop_back();
  }
}

// The entry that a request means, made if it is not there.
absl::StatusOr<PaletteEntry*> EntryToSet(const v1::PaletteEntry& from, std::string_view field,
                                         voxel::Palette* palette) {
  auto& entries = palette->entries;
  if (from.has_index()) {
    if (from.index() >= kMaxEntries) {
      return Invalid(StrCat(field, ".index"),
                     StrCat("is ", from.index(), "; it takes 0 to ", kMaxEntries - 1));
    }
    if (from.index() >= entries.size()) entries.resize(from.index() + 1);
    return &entries[from.index()];
  }
  if (from.name().empty()) {
    return Error(Reason::MISSING_FIELD, StrCat(field, " has neither an index nor a name"),
                 StrCat(field, ".name"));
  }
  if (PaletteEntry* found = FindEntry(palette, from.name()); found != nullptr) return found;
  DropUnusedEnd(palette);
  if (entries.size() >= kMaxEntries) {
    return Invalid(field, StrCat("would make more than ", kMaxEntries, " entries"));
  }
  return &entries.emplace_back();
}

absl::Status SetEntry(const v1::PaletteEntry& from, std::string_view field,
                      voxel::Palette* palette) {
  VOXEL_ASSIGN_OR_RETURN(PaletteEntry* const entry, EntryToSet(from, field, palette));
  if (from.has_name() && from.name() != entry->name) {
    const std::string path = StrCat(field, ".name");
    if (!from.name().empty()) VOXEL_RETURN_IF_ERROR(CheckName(from.name(), path));
    if (palette->Find(from.name()) != nullptr) {
      return Invalid(path, StrCat("is \"", from.name(), "\", the name of another entry"));
    }
    entry->name = from.name();
  }
  if (!from.color().empty()) {
    VOXEL_ASSIGN_OR_RETURN(entry->color,
                           ParseColor(from.color(), palette, StrCat(field, ".color")));
  }
  if (from.has_material()) {
    VOXEL_ASSIGN_OR_RETURN(entry->material,
                           ToMaterial(from.material(), StrCat(field, ".material")));
  }
  return absl::OkStatus();
}

absl::Status RemoveEntries(const v1::UpdatePaletteRequest& request, voxel::Palette* palette) {
  for (int i = 0; i < request.remove_size(); ++i) {
    PaletteEntry* const entry = FindEntry(palette, request.remove(i));
    const std::string field = StrCat("remove[", i, "]");
    if (entry == nullptr) {
      return Invalid(field, StrCat("is \"", request.remove(i).substr(0, 80),
                                   "\"; the palette has no entry of that name"));
    }
    *entry = {};
  }
  for (int i = 0; i < request.remove_indices_size(); ++i) {
    const uint32_t index = request.remove_indices(i);
    if (index >= palette->entries.size()) {
      return Invalid(
          StrCat("remove_indices[", i, "]"),
          StrCat("is ", index, "; the palette has ", palette->entries.size(), " entries, from 0"));
    }
    palette->entries[index] = {};
  }
  return absl::OkStatus();
}

absl::Status UpdateMaterials(const v1::UpdatePaletteRequest& request, voxel::Palette* palette) {
  for (int i = 0; i < request.remove_materials_size(); ++i) {
    if (palette->materials.erase(request.remove_materials(i)) > 0) continue;
    return Invalid(StrCat("remove_materials[", i, "]"),
                   StrCat("is \"", request.remove_materials(i).substr(0, 80),
                          "\"; there is no material of that name"));
  }
  // In the order of their names: of several faults always the same one is told.
  std::map<std::string, const v1::Material*> sorted;
  for (const auto& [name, material] : request.set_materials()) sorted[name] = &material;
  for (const auto& [name, material] : sorted) {
    VOXEL_RETURN_IF_ERROR(CheckName(name, "set_materials"));
    VOXEL_ASSIGN_OR_RETURN(palette->materials[name],
                           ToMaterial(*material, StrCat("set_materials[\"", name, "\"]")));
  }
  if (palette->materials.size() > kMaxMaterials) {
    return Invalid("set_materials", StrCat("would make ", palette->materials.size(),
                                           " materials; at most ", kMaxMaterials));
  }
  return absl::OkStatus();
}

}  // namespace

void FromMaterial(const voxel::Material& material, v1::Material* out) {
  out->set_kind(static_cast<v1::MaterialKind>(material.kind()));
  const auto* reflection = out->GetReflection();
  voxel::Material rest = material;
  if (out->kind() != v1::MATERIAL_KIND_UNSPECIFIED) {
    rest.SetKind(voxel::MaterialKind::kUnspecified);
  }
  for (const MaterialProperty& property : voxel::kMaterialProperties) {
    const auto numbers = material.Numbers(property);
    if (!numbers) continue;
    rest.SetNumbers(property, {});
    const FieldDescriptor* field = FieldOf(property);
    for (const double number : *numbers) {
      if (field->is_repeated()) {
        reflection->AddFloat(out, field, static_cast<float>(number));
      } else {
        reflection->SetFloat(out, field, static_cast<float>(number));
      }
    }
  }
  out->mutable_others()->insert(rest.properties.begin(), rest.properties.end());
}

absl::StatusOr<voxel::Material> ToMaterial(const v1::Material& material, std::string_view field) {
  VOXEL_RETURN_IF_ERROR(CheckEnum(material.kind(), StrCat(field, ".kind")));
  voxel::Material to;
  to.SetKind(static_cast<voxel::MaterialKind>(material.kind()));
  for (const MaterialProperty& property : voxel::kMaterialProperties) {
    VOXEL_RETURN_IF_ERROR(
        SetProperty(property, NumbersOf(material, FieldOf(property)), field, &to));
  }
  VOXEL_RETURN_IF_ERROR(SetOthers(material, field, &to));
  return to;
}

void FromPalette(const voxel::Palette& palette, bool named_only, v1::Palette* out) {
  for (size_t i = 0; i < palette.entries.size(); ++i) {
    const PaletteEntry& entry = palette.entries[i];
    if (named_only && entry.name.empty()) continue;
    v1::PaletteEntry* to = out->add_entries();
    to->set_index(static_cast<uint32_t>(i));
    to->set_color(FormatColor(entry.color));
    if (!entry.name.empty()) to->set_name(entry.name);
    if (!entry.material.empty()) FromMaterial(entry.material, to->mutable_material());
  }
  for (const auto& [name, material] : palette.materials) {
    FromMaterial(material, &(*out->mutable_materials())[name]);
  }
}

absl::Status UpdatePalette(const v1::UpdatePaletteRequest& request, voxel::Palette* palette) {
  VOXEL_RETURN_IF_ERROR(RemoveEntries(request, palette));
  for (int i = 0; i < request.set_size(); ++i) {
    VOXEL_RETURN_IF_ERROR(SetEntry(request.set(i), StrCat("set[", i, "]"), palette));
  }
  if (request.remove_size() > 0 || request.remove_indices_size() > 0) DropUnusedEnd(palette);
  return UpdateMaterials(request, palette);
}

}  // namespace voxeld
