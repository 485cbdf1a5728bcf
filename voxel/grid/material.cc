#include "voxel/grid/material.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "voxel/base/check.h"

namespace voxel {
namespace {

constexpr std::array<std::string_view, 8> kKindTexts = {"",      "_diffuse", "_metal", "_glass",
                                                        "_emit", "_blend",   "_media", "_cloud"};

}  // namespace

std::string_view MaterialKindText(MaterialKind kind) {
  return kKindTexts[static_cast<size_t>(kind)];
}

MaterialKind Material::kind() const {
  const auto found = properties.find(std::string(kMaterialKindKey));
  if (found == properties.end()) return MaterialKind::kUnspecified;
  const auto* const text = std::find(kKindTexts.begin(), kKindTexts.end(), found->second);
  return text == kKindTexts.end() ? MaterialKind::kUnspecified
                                  : static_cast<MaterialKind>(text - kKindTexts.begin());
}

void Material::SetKind(MaterialKind kind) {
  if (kind == MaterialKind::kUnspecified) {
    properties.erase(std::string(kMaterialKindKey));
  } else {
    properties[std::string(kMaterialKindKey)] = MaterialKindText(kind);
  }
}

std::optional<std::vector<double>> Material::Numbers(const MaterialProperty& property) const {
  const auto found = properties.find(std::string(property.key));
  if (found == properties.end()) return std::nullopt;
  std::optional<std::vector<double>> numbers = ParseFloats(found->second);
  if (numbers && numbers->size() != static_cast<size_t>(property.numbers)) return std::nullopt;
  return numbers;
}

std::optional<double> Material::Number(std::string_view name) const {
  const auto* const property = std::find_if(kMaterialProperties.begin(), kMaterialProperties.end(),
                                            [&](const auto& p) { return p.name == name; });
  VOXEL_CHECK(property != kMaterialProperties.end());
  const auto numbers = Numbers(*property);
  if (!numbers) return std::nullopt;
  return numbers->front();
}

void Material::SetNumbers(const MaterialProperty& property, const std::vector<double>& numbers) {
  if (numbers.empty()) {
    properties.erase(std::string(property.key));
  } else {
    properties[std::string(property.key)] = FloatsText(numbers);
  }
}

std::string FloatsText(const std::vector<double>& numbers) {
  std::string text;
  for (const double number : numbers) {
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof(digits), static_cast<float>(number));
    if (!text.empty()) text += ' ';
    text.append(digits, end.ptr);
  }
  return text;
}

std::optional<std::vector<double>> ParseFloats(std::string_view text) {
  std::vector<double> numbers;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    while (at != end && *at == ' ') ++at;
    if (at == end) break;
    float number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc() || !std::isfinite(number)) return std::nullopt;
    if (next != end && *next != ' ') return std::nullopt;
    numbers.push_back(number);
    at = next;
  }
  if (numbers.empty()) return std::nullopt;
  return numbers;
}

}  // namespace voxel
