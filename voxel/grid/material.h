// What a surface is made of: named properties in one vocabulary for every format, with typed reads
// of them.
//
// Texts:  a property is kept as the text that the format said ("_rough" -> "0.1"), so that a file
//         comes back as it was and what nobody here understands is kept too. The numbers are read
//         out of the texts.
// Names:  MagicaVoxel's own, with its underscore, for everything that it has; what Goxel says and
//         MagicaVoxel does not (the colours) goes by names without one. Goxel's metallic and
//         roughness are MagicaVoxel's "_metal" and "_rough".
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace voxel {

enum class MaterialKind : uint8_t {
  kUnspecified,
  kDiffuse,
  kMetal,
  kGlass,
  kEmit,
  kBlend,
  kMedia,
  kCloud,
};

// A property that is one or several numbers.
struct MaterialProperty {
  std::string_view name;  // what it is called here and in the API
  std::string_view key;   // under which the text stands
  int numbers = 1;
  double low = 0;  // what is accepted where people set it; files may hold anything
  double high = 1;
};

inline constexpr std::array<MaterialProperty, 20> kMaterialProperties = {{
    {"weight", "_weight"},
    {"metallic", "_metal"},
    {"roughness", "_rough"},
    {"specular", "_spec"},
    {"specular_scale", "_sp", 1, 0, 2},
    {"ior_offset", "_ior", 1, 0, 4},  // the index of refraction less 1
    {"ior", "_ri", 1, 1, 5},
    {"attenuation", "_att"},
    {"flux", "_flux", 1, 0, 1e6},
    {"emission", "_emit"},
    {"glow", "_glow"},
    {"ldr", "_ldr"},
    {"transparency", "_trans"},
    {"alpha", "_alpha"},
    {"density", "_d", 1, 0, 1e6},
    {"phase", "_g", 1, -1, 1},
    {"media", "_media", 1, 0, 255},  // which medium, MagicaVoxel's number
    {"plastic", "_plastic"},
    {"emission_color", "emission", 3, 0, 1e6},  // Goxel's, linear red, green, blue
    {"base_color", "base_color", 4},            // Goxel's, linear red, green, blue, opacity
}};
inline constexpr std::string_view kMaterialKindKey = "_type";

struct Material {
  std::map<std::string, std::string> properties;  // in key order

  bool empty() const { return properties.empty(); }
  // kUnspecified where there is none, or one of a name that is not known here.
  MaterialKind kind() const;
  void SetKind(MaterialKind kind);  // kUnspecified removes it
  // All the numbers of a property; nullopt if it is absent, or not so many finite numbers.
  std::optional<std::vector<double>> Numbers(const MaterialProperty& property) const;
  // The first number of the property of that name. REQUIRES: kMaterialProperties has the name.
  std::optional<double> Number(std::string_view name) const;
  // Writes the shortest texts that read as the same floats. No numbers: removes the property.
  void SetNumbers(const MaterialProperty& property, const std::vector<double>& numbers);

  friend bool operator==(const Material&, const Material&) = default;
};

// MagicaVoxel's text for a kind, "_metal"; "" for kUnspecified.
std::string_view MaterialKindText(MaterialKind kind);

// Numbers apart by one space, as formats write them: the shortest text that reads as that float.
std::string FloatsText(const std::vector<double>& numbers);
// The numbers of such a text; nullopt unless all of it is finite numbers, apart by spaces.
std::optional<std::vector<double>> ParseFloats(std::string_view text);

}  // namespace voxel
