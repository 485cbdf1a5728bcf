// The command line of the programs that load a daemon: PROGRAM MODE NAME=VALUE...
//
// Errors: an argument that is missing, not NAME=VALUE, or that nobody took is printed, and the
// program ends with 2.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

namespace voxeld::bench {

class Arguments {
 public:
  // `program` is what messages name; lives as long as this.
  Arguments(std::string_view program, int argc, char** argv) : program_(program) {
    for (int i = 2; i < argc; ++i) {
      const std::string_view argument = argv[i];
      const size_t equals = argument.find('=');
      if (equals == argument.npos) Refuse(argument);
      given_.emplace(argument.substr(0, equals), argument.substr(equals + 1));
    }
  }
  std::string Text(const char* name) {
    const std::string text = Optional(name, "");
    if (text.empty()) Refuse(std::string(name) + "=");
    return text;
  }
  std::string Optional(const char* name, const char* otherwise) {
    const auto found = given_.find(name);
    if (found == given_.end()) return otherwise;
    std::string text = std::move(found->second);
    given_.erase(found);
    return text;
  }
  double Number(const char* name, double otherwise) {
    const std::string text = Optional(name, "");
    return text.empty() ? otherwise : std::stod(text);
  }
  void CheckAllTaken() const {
    if (!given_.empty()) Refuse(given_.begin()->first);
  }

 private:
  [[noreturn]] void Refuse(std::string_view argument) const {
    std::fprintf(stderr, "%.*s: bad or missing argument: %.*s\n", static_cast<int>(program_.size()),
                 program_.data(), static_cast<int>(argument.size()), argument.data());
    std::exit(2);
  }

  const std::string_view program_;
  std::map<std::string, std::string, std::less<>> given_;
};

}  // namespace voxeld::bench
