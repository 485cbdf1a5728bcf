#include "daemon/config/settings_file.h"

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <fstream>
#include <iterator>

#include "daemon/config/nearest_name.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

constexpr std::streamoff kMostFileBytes = 1 << 20;

class FileSettings {
 public:
  FileSettings(const std::string& path, const std::vector<Option>& options)
      : path_(path), options_(options) {}

  absl::Status Read(const toml::table& root) {
    for (const auto& [section, node] : root) {
      if (!node.is_table()) return Unknown(section.source(), std::string(section.str()));
      for (const auto& [key, value] : *node.as_table()) {
        VOXEL_RETURN_IF_ERROR(Take(key, voxel::StrCat(section.str(), ".", key.str()), value));
      }
      if (node.as_table()->empty() && !IsSection(section.str())) {
        return Unknown(section.source(), std::string(section.str()));
      }
    }
    return absl::OkStatus();
  }

  std::vector<Setting> settings;

 private:
  std::string At(const toml::source_region& region) const {
    return voxel::StrCat(path_, ":", region.begin.line, ":", region.begin.column, ": ");
  }

  bool IsSection(std::string_view name) const {
    for (const Option& option : options_) {
      if (option.section == name) return true;
    }
    return false;
  }

  // The key in its section, or else the same word in another one.
  std::string Nearest(const std::string& key) const {
    const std::string word = key.substr(key.find('.') + 1);
    std::vector<std::string> keys, words;
    for (const Option& option : options_) {
      if (option.name == word) return option.key();
      keys.push_back(option.key());
      words.push_back(option.name);
    }
    if (std::string nearest = NearestName(key, keys); !nearest.empty()) return nearest;
    const std::string nearest = NearestName(word, words);
    for (const Option& option : options_) {
      if (option.name == nearest) return option.key();
    }
    return {};
  }

  absl::Status Unknown(const toml::source_region& region, const std::string& key) const {
    const std::string nearest = Nearest(key);
    return absl::InvalidArgumentError(
        voxel::StrCat(At(region), key, ": no such option",
                      nearest.empty() ? "; voxeld --print-config lists them" : "; did you mean ",
                      nearest, nearest.empty() ? "" : "?"));
  }

  absl::Status Take(const toml::key& key, const std::string& name, const toml::node& value) {
    for (const Option& option : options_) {
      if (option.key() != name) continue;
      Setting setting{&option,
                      {},
                      voxel::StrCat(path_, ":", key.source().begin.line),
                      voxel::StrCat(At(value.source()), name, " = ")};
      VOXEL_RETURN_IF_ERROR(TakeTexts(value, &setting));
      settings.push_back(std::move(setting));
      return absl::OkStatus();
    }
    return Unknown(key.source(), name);
  }

  absl::Status TakeTexts(const toml::node& value, Setting* setting) const {
    const bool list = setting->option->kind == OptionKind::kList;
    if (list && value.is_array()) {
      for (const toml::node& item : *value.as_array()) {
        VOXEL_RETURN_IF_ERROR(TakeText(item, setting));
      }
      return absl::OkStatus();
    }
    return TakeText(value, setting);
  }

  absl::Status TakeText(const toml::node& value, Setting* setting) const {
    if (const auto* text = value.as_string(); text != nullptr) {
      setting->texts.push_back(text->get());
      return absl::OkStatus();
    }
    const bool number = setting->option->kind == OptionKind::kCount ||
                        setting->option->kind == OptionKind::kBytes ||
                        setting->option->kind == OptionKind::kList;
    if (const auto* integer = value.as_integer(); integer != nullptr && number) {
      setting->texts.push_back(voxel::StrCat(integer->get()));
      return absl::OkStatus();
    }
    const std::string accepted = setting->option->Accepted();
    std::string type;
    for (const char c : voxel::StrCat(TypeName(value))) type.push_back(c);
    return absl::InvalidArgumentError(voxel::StrCat(
        At(value.source()), setting->option->key(), ": ", type, ", not ",
        accepted.empty()
            ? (setting->option->kind == OptionKind::kList ? "a text, or an array of texts"
                                                          : "a text in quotes")
            : accepted));
  }

  static std::string_view TypeName(const toml::node& value) {
    switch (value.type()) {
      case toml::node_type::table:
        return "a table";
      case toml::node_type::array:
        return "an array";
      case toml::node_type::integer:
        return "a number without quotes and unit";
      case toml::node_type::floating_point:
        return "a fraction";
      case toml::node_type::boolean:
        return "a boolean";
      default:
        return "a date or time of day";
    }
  }

  const std::string& path_;
  const std::vector<Option>& options_;
};

absl::StatusOr<std::string> ReadWhole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(voxel::StrCat("--config=", path, ": cannot be read"));
  std::string text;
  char block[4096];
  while (file.read(block, sizeof block) || file.gcount() > 0) {
    text.append(block, static_cast<size_t>(file.gcount()));
    if (text.size() > kMostFileBytes) {
      return absl::InvalidArgumentError(
          voxel::StrCat("--config=", path, ": more than ", kMostFileBytes, " bytes"));
    }
  }
  if (file.bad()) return absl::NotFoundError(voxel::StrCat("--config=", path, ": cannot be read"));
  return text;
}

}  // namespace

absl::StatusOr<std::vector<Setting>> ReadSettingsFile(const std::string& path,
                                                      const std::vector<Option>& options) {
  VOXEL_ASSIGN_OR_RETURN(const std::string text, ReadWhole(path));
  const toml::parse_result parsed = toml::parse(std::string_view(text), std::string_view(path));
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return absl::InvalidArgumentError(voxel::StrCat(path, ":", error.source().begin.line, ":",
                                                    error.source().begin.column, ": ",
                                                    error.description()));
  }
  FileSettings file(path, options);
  VOXEL_RETURN_IF_ERROR(file.Read(parsed.table()));
  return std::move(file.settings);
}

}  // namespace voxeld
