// What a short command is: a method, and which argument fills which field of its request.
#pragma once

#include <utility>
#include <vector>

namespace voxctl {

// An argument and the field of the request that it fills. "--" in front makes it an option, "!"
// behind a required one.
struct Argument {
  const char* name;
  const char* path;
};

struct ShortCommand {
  const char* name;
  const char* method;
  const char* help;
  std::vector<Argument> arguments;
  std::vector<std::pair<const char*, const char*>> fixed = {};  // path, text
};

}  // namespace voxctl
