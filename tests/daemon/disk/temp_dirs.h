// Data directories of a test, in one temporary folder that goes with it.
#pragma once

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

  // One with these files among its projects, whatever folder they were in.
  std::string Write(const std::string& name,
                    const std::map<std::string, std::string>& files) const {
    const std::string made = Make(name);
    for (const auto& [path, content] : files) {
      std::ofstream out(made + "/projects" + path.substr(path.rfind('/')), std::ios::binary);
      out << content;
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
