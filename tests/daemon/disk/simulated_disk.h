// What a disk holds after a power cut, by a FaultVfs's log: a model of a file system that promises
// no more than POSIX does.
//
//     SimulatedDisk disk;
//     for (const DiskEvent& event : log) { disk.Apply(event); files = disk.Cut(rng); }
//
// Files:     what was synced is there. Of what was written since, anything may be there: nothing,
//            everything, a beginning with its last write torn, any of the writes, or any of their
//            sectors of 512 bytes or pages of 4 KiB, the later ones without the earlier.
// Folders:   the same holds for names that were made, changed and removed since the folder's sync.
// A sync that failed may have lost any part of what it was to make sure of, for good: a later one
// that answers OK does not bring it back.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/daemon/disk/fault_vfs.h"

namespace voxeld {

class SimulatedDisk {
 public:
  using Random = std::mt19937_64;
  using Files = std::map<std::string, std::string>;  // content by path

  // `random` decides what a failed sync loses.
  void Apply(const DiskEvent& event, Random& random);
  // What is there if the power goes now. Nothing changes.
  Files Cut(Random& random) const;
  // What a process that was killed leaves: everything.
  Files All() const;
  // After how many events each file was last written to; by the paths that it may have.
  std::map<std::string, int64_t> Written() const;

 private:
  struct Write {
    bool truncate = false;
    int64_t offset = 0;  // or the size
    std::string bytes;
  };
  struct Inode {
    std::string synced;
    std::vector<Write> pending;
    int64_t written = 0;  // after so many events
  };
  struct NameChange {  // `inode` null: removed
    std::string name;
    std::shared_ptr<Inode> inode;
  };
  using Names = std::map<std::string, std::shared_ptr<Inode>>;

  static void Carry(const Write& write, std::string& content);
  // The parts of `write` that are there, in units of so many bytes.
  static void CarryParts(const Write& write, int64_t unit, Random& random, std::string& content);
  static std::string AfterCut(const Inode& inode, Random& random);
  static void Carry(const NameChange& change, Names& names);

  int64_t events_ = 0;
  Names now_;
  Names synced_;
  std::vector<std::vector<NameChange>> pending_;  // operations of the folder: a rename is two
};

}  // namespace voxeld
