// Data directories of a test, in one temporary folder that goes with it.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "gtest/gtest.h"

namespace voxeld {

class TempDirs {
 public:
  TempDirs() {
    std::string name = testing::TempDir() + "voxeld_disk_XXXXXX";
    root_ = mkdtemp(name.data());
  }
  ~TempDirs() {
    if (!keep_) std::filesystem::remove_all(root_);
  }
  TempDirs(const TempDirs&) = delete;
  TempDirs& operator=(const TempDirs&) = delete;

  std::string dir(const std::string& name) const { return root_ + "/" + name; }

  // An empty one.
  std::string Make(const std::string& name) const {
    std::filesystem::remove_all(dir(name));
    std::filesystem::create_directories(dir(name) + "/projects");
    return dir(name);
  }

  // One with these files among its projects, whatever folder they were in; `written`: in which
  // order they were written last, if that matters.
  std::string Write(const std::string& name, const std::map<std::string, std::string>& files,
                    const std::map<std::string, int64_t>& written = {}) const {
    const std::string made = Make(name);
    const auto begin = std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
    for (const auto& [path, content] : files) {
      const std::string file = made + "/projects" + path.substr(path.rfind('/'));
      std::ofstream(file, std::ios::binary) << content;
      const auto at = written.find(path);
      if (at == written.end()) continue;
      std::filesystem::last_write_time(file, begin + std::chrono::milliseconds(at->second));
    }
    return made;
  }

  // The folder stays for people to look at: its name.
  std::string Keep() const {
    keep_ = true;
    return root_;
  }

 private:
  std::string root_;
  mutable bool keep_ = false;
};

}  // namespace voxeld
