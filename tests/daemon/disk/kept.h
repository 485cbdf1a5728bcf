// A daemon's core on a data directory that outlives it.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "daemon/disk/disk_store.h"
#include "gtest/gtest.h"
#include "tests/daemon/store/project_fixture.h"

namespace voxeld {

inline DiskOptions InDir(const std::string& dir, const UpkeepOptions& upkeep = {}) {
  DiskOptions options;
  options.dir = dir;
  options.file.upkeep = upkeep;
  return options;
}

// Whatever is in memory is too much.
inline std::shared_ptr<MemoryPressure> NoRoom() {
  return std::make_shared<MemoryPressure>(MemoryPressure::Limits{.projects = 0});
}

class Kept {
 public:
  explicit Kept(const std::string& dir, const RegistryOptions& options = {},
                const UpkeepOptions& upkeep = {})
      : Kept(InDir(dir, upkeep), options) {}
  explicit Kept(const DiskOptions& disk, const RegistryOptions& options = {})
      : store_(DiskStore::Open(disk, "a test", &log_).value()),
        registry_(ProjectRegistry::Create(options, store_.get(), &pool_, &absl::Now)) {}

  ProjectRegistry& registry() { return *registry_; }
  const StoreHealth& health() const { return store_->health(); }
  DiskStore& store() { return *store_; }
  std::shared_ptr<Project> Create(const std::string& id) {
    CommitTicket ticket;
    const auto project = registry_->Add(BlankProject(id), ticket);
    EXPECT_TRUE(project.ok());
    EXPECT_TRUE(Await(ticket).ok());
    return *project;
  }
  std::shared_ptr<Project> Find(const std::string& id) {
    const auto project = registry_->Find(id);
    EXPECT_TRUE(project.ok()) << project.status();
    return *project;
  }

 private:
  struct Nowhere {
    const int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    ~Nowhere() { close(fd); }
  };
  const Nowhere nowhere_;
  const Log log_{nowhere_.fd, Severity::kError};
  WorkerPool pool_{WorkerPoolOptions()};
  std::unique_ptr<DiskStore> store_;
  std::unique_ptr<ProjectRegistry> registry_;
};

}  // namespace voxeld
