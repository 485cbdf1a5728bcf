#include "daemon/config/option.h"

#include <algorithm>

#include "daemon/config/units.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

std::string NameOf(std::string field) {
  std::replace(field.begin(), field.end(), '_', '-');
  return field;
}

bool IsChoice(std::string_view choices, std::string_view text) {
  for (size_t begin = 0; begin <= choices.size();) {
    const size_t bar = std::min(choices.find('|', begin), choices.size());
    if (choices.substr(begin, bar - begin) == text) return true;
    begin = bar + 1;
  }
  return false;
}

std::string Listed(std::string_view choices) {
  std::string listed;
  for (const char c : choices) {
    if (c == '|') {
      listed.append(", ");
    } else {
      listed.push_back(c);
    }
  }
  return listed;
}

template <typename T>
void Put(const Option& option, T value, Config* config) {
  config->*std::get<T Config::*>(option.field) = std::move(value);
}

template <typename T>
const T& In(const Option& option, const Config& config) {
  return config.*std::get<T Config::*>(option.field);
}

// Whether the text was of the right kind, and put.
bool PutText(const Option& option, const std::string& text, Config* config) {
  if (option.kind == OptionKind::kTime) {
    const auto time = ReadTime(text);
    if (!time.has_value() || *time < option.shortest || *time > option.longest) return false;
    Put(option, *time, config);
    return true;
  }
  if (option.kind == OptionKind::kCount || option.kind == OptionKind::kBytes) {
    const auto value = option.kind == OptionKind::kCount ? ReadInteger(text) : ReadBytes(text);
    if (!value.has_value() || *value < option.least || *value > option.most) return false;
    Put(option, *value, config);
    return true;
  }
  if (option.kind == OptionKind::kChoice && !IsChoice(option.accepts, text)) return false;
  const bool cpus = option.accepts == "CPUS" && !text.empty();
  if (cpus && !ReadCpus(text).has_value()) return false;
  if (option.accepts == "MODE" && !ReadMode(text).has_value()) return false;
  Put(option, text, config);
  return true;
}

}  // namespace

std::string Option::flag() const { return "--" + name; }
std::string Option::key() const { return voxel::StrCat(section, ".", name); }

std::string Option::variable() const {
  std::string variable = "VOXELD_";
  for (const char c : name) {
    variable.push_back(c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c));
  }
  return variable;
}

std::string_view Option::placeholder() const {
  switch (kind) {
    case OptionKind::kCount:
      return "N";
    case OptionKind::kBytes:
      return "BYTES";
    case OptionKind::kTime:
      return "TIME";
    default:
      return accepts;
  }
}

std::string Option::Accepted() const {
  switch (kind) {
    case OptionKind::kCount:
      return voxel::StrCat("an integer in [", least, ", ", most, "]");
    case OptionKind::kBytes:
      return voxel::StrCat("a size in [", BytesText(least), ", ", BytesText(most),
                           "], such as 65536 or 64KiB (KiB, MiB, GiB, TiB)");
    case OptionKind::kTime:
      return voxel::StrCat("a time in [", TimeText(shortest), ", ", TimeText(longest),
                           "], such as 500ms, 10s or 2m");
    case OptionKind::kChoice:
      return voxel::StrCat("one of ", Listed(accepts));
    default:
      if (accepts == "MODE") return "permissions in octal such as 0600 or 0660";
      return accepts == "CPUS" ? "a list of processors such as 0 or 0-3,8, each at most 1023" : "";
  }
}

absl::Status Option::Set(const std::vector<std::string>& texts, Config* config) const {
  if (kind == OptionKind::kList) {
    Put(*this, texts, config);
    return absl::OkStatus();
  }
  if (texts.size() != 1) return absl::InvalidArgumentError("one value is expected");
  if (PutText(*this, texts[0], config)) return absl::OkStatus();
  return absl::InvalidArgumentError("not " + Accepted());
}

std::vector<std::string> Option::Get(const Config& config) const {
  switch (kind) {
    case OptionKind::kCount:
      return {voxel::StrCat(In<int64_t>(*this, config))};
    case OptionKind::kBytes:
      return {BytesText(In<int64_t>(*this, config))};
    case OptionKind::kTime:
      return {TimeText(In<absl::Duration>(*this, config))};
    case OptionKind::kList:
      return In<std::vector<std::string>>(*this, config);
    default:
      return {In<std::string>(*this, config)};
  }
}

std::vector<Option> AllOptions() {
  std::vector<Option> options;
  const auto add = [&options](std::string_view section, const char* field, OptionKind kind,
                              OptionTrait trait, std::string_view help) -> Option& {
    Option& option = options.emplace_back();
    option.section = section;
    option.name = NameOf(field);
    option.kind = kind;
    option.trait = trait;
    option.help = help;
    return option;
  };
  const auto add_number = [&add](auto section, auto name, OptionKind kind, int64_t Config::*field,
                                 int64_t least, int64_t most, OptionTrait trait, auto help) {
    Option& option = add(section, name, kind, trait, help);
    option.field = field;
    option.least = least;
    option.most = most;
  };
  const auto add_time = [&add](auto section, auto name, absl::Duration Config::*field,
                               absl::Duration shortest, absl::Duration longest, OptionTrait trait,
                               auto help) {
    Option& option = add(section, name, OptionKind::kTime, trait, help);
    option.field = field;
    option.shortest = shortest;
    option.longest = longest;
  };
  const auto add_text = [&add](auto section, auto name, OptionKind kind, auto field, auto accepts,
                               OptionTrait trait, auto help) {
    Option& option = add(section, name, kind, trait, help);
    option.field = field;
    option.accepts = accepts;
  };
#define VOXELD_COUNT(section, field, fallback, least, most, trait, help)        \
  add_number(#section, #field, OptionKind::kCount, &Config::field, least, most, \
             OptionTrait::trait, help);
#define VOXELD_BYTES(section, field, fallback, least, most, trait, help)        \
  add_number(#section, #field, OptionKind::kBytes, &Config::field, least, most, \
             OptionTrait::trait, help);
#define VOXELD_TIME(section, field, fallback, least, most, trait, help) \
  add_time(#section, #field, &Config::field, least, most, OptionTrait::trait, help);
#define VOXELD_TEXT(section, field, fallback, accepts, trait, help) \
  add_text(#section, #field, OptionKind::kText, &Config::field, accepts, OptionTrait::trait, help);
#define VOXELD_LIST(section, field, accepts, trait, help) \
  add_text(#section, #field, OptionKind::kList, &Config::field, accepts, OptionTrait::trait, help);
#define VOXELD_CHOICE(section, field, fallback, accepts, trait, help)                          \
  add_text(#section, #field, OptionKind::kChoice, &Config::field, accepts, OptionTrait::trait, \
           help);
#include "daemon/config/option_table.inc"
  return options;
}

}  // namespace voxeld
