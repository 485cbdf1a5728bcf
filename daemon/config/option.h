// One option of the daemon, and all of them: option_table.inc as values.
//
// Threading: plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "daemon/config/config.h"

namespace voxeld {

enum class OptionKind : uint8_t { kCount, kBytes, kTime, kText, kList, kChoice };
enum class OptionTrait : uint8_t { kPlain, kLimit, kReload };

struct Option {
  std::string_view section;  // "json"
  std::string name;          // "max-batch"
  OptionKind kind = OptionKind::kCount;
  OptionTrait trait = OptionTrait::kPlain;
  std::variant<int64_t Config::*, absl::Duration Config::*, std::string Config::*,
               std::vector<std::string> Config::*>
      field;
  int64_t least = 0, most = 0;       // counts and bytes
  absl::Duration shortest, longest;  // times
  std::string_view accepts;          // a text's placeholder, a choice's choices
  std::string_view help;

  std::string flag() const;      // "--max-batch"
  std::string key() const;       // "json.max-batch"
  std::string variable() const;  // "VOXELD_MAX_BATCH"
  // "N", "BYTES", "TIME", "a|b", or what stands in the table.
  std::string_view placeholder() const;
  // What is accepted, after "not": "an integer in [1, 1000000]". Empty: any text.
  std::string Accepted() const;

  // Puts what `texts` (one, but for lists) say into the config. InvalidArgument: "not ..."; the
  // config is unchanged then.
  absl::Status Set(const std::vector<std::string>& texts, Config* config) const;
  // The value as Set takes it.
  std::vector<std::string> Get(const Config& config) const;
  bool Same(const Config& a, const Config& b) const { return Get(a) == Get(b); }
};

// In the table's order, sections together.
std::vector<Option> AllOptions();

}  // namespace voxeld
