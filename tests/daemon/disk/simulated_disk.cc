#include "tests/daemon/disk/simulated_disk.h"

#include <algorithm>

namespace voxeld {
namespace {

constexpr int64_t kSector = 512;
constexpr int64_t kPage = 4096;

bool Chance(SimulatedDisk::Random& random) { return (random() & 1) != 0; }

}  // namespace

void SimulatedDisk::Carry(const Write& write, std::string& content) {
  const auto offset = static_cast<size_t>(write.offset);
  if (write.truncate) return content.resize(offset);
  if (content.size() < offset + write.bytes.size()) content.resize(offset + write.bytes.size());
  content.replace(offset, write.bytes.size(), write.bytes);
}

void SimulatedDisk::CarryParts(const Write& write, int64_t unit, Random& random,
                               std::string& content) {
  if (write.truncate) {
    if (Chance(random)) Carry(write, content);
    return;
  }
  const int64_t end = write.offset + static_cast<int64_t>(write.bytes.size());
  for (int64_t begin = write.offset; begin < end;) {
    const int64_t next = std::min(end, (begin / unit + 1) * unit);
    if (Chance(random)) {
      const auto from = static_cast<size_t>(begin - write.offset);
      Carry({false, begin, write.bytes.substr(from, static_cast<size_t>(next - begin))}, content);
    }
    begin = next;
  }
}

std::string SimulatedDisk::AfterCut(const Inode& inode, Random& random) {
  std::string content = inode.synced;
  const size_t prefix = random() % (inode.pending.size() + 1);
  switch (random() % 6) {
    case 0:  // nothing
      break;
    case 1:  // everything
      for (const Write& write : inode.pending) Carry(write, content);
      break;
    case 2:  // a beginning, its last write torn
      for (size_t i = 0; i < prefix; ++i) {
        if (i + 1 < prefix) {
          Carry(inode.pending[i], content);
        } else {
          CarryParts(inode.pending[i], kSector, random, content);
        }
      }
      break;
    case 3:  // any of the writes
      for (const Write& write : inode.pending) {
        if (Chance(random)) Carry(write, content);
      }
      break;
    case 4:
      for (const Write& write : inode.pending) CarryParts(write, kSector, random, content);
      break;
    default:
      for (const Write& write : inode.pending) CarryParts(write, kPage, random, content);
  }
  return content;
}

void SimulatedDisk::Carry(const NameChange& change, Names& names) {
  if (change.inode == nullptr) {
    names.erase(change.name);
  } else {
    names[change.name] = change.inode;
  }
}

void SimulatedDisk::Apply(const DiskEvent& event, Random& random) {
  std::vector<NameChange> changes;
  ++events_;
  switch (event.kind) {
    case DiskEvent::Kind::kCreate:
      changes = {{event.path, std::make_shared<Inode>()}};
      break;
    case DiskEvent::Kind::kDelete:
      changes = {{event.path, nullptr}};
      break;
    case DiskEvent::Kind::kRename:
      changes = {{event.to, now_.at(event.path)}, {event.path, nullptr}};
      break;
    case DiskEvent::Kind::kSyncFolder:
      synced_ = now_;
      return pending_.clear();
    case DiskEvent::Kind::kWrite:
    case DiskEvent::Kind::kTruncate: {
      Inode& inode = *now_.at(event.path);
      inode.written = events_;
      return inode.pending.push_back(
          {event.kind == DiskEvent::Kind::kTruncate, event.offset, event.bytes});
    }
    case DiskEvent::Kind::kSync:
    case DiskEvent::Kind::kFailedSync: {
      Inode& inode = *now_.at(event.path);
      if (event.kind == DiskEvent::Kind::kFailedSync) {
        inode.synced = AfterCut(inode, random);
      } else {
        for (const Write& write : inode.pending) Carry(write, inode.synced);
      }
      return inode.pending.clear();
    }
  }
  for (const NameChange& change : changes) Carry(change, now_);
  pending_.push_back(std::move(changes));
}

SimulatedDisk::Files SimulatedDisk::Cut(Random& random) const {
  Names names = synced_;
  const uint64_t kind = random() % 4;
  const size_t prefix = random() % (pending_.size() + 1);
  for (size_t i = 0; i < pending_.size(); ++i) {
    const bool there = kind == 0   ? false
                       : kind == 1 ? true
                       : kind == 2 ? i < prefix
                                   : Chance(random);
    if (!there) continue;
    for (const NameChange& change : pending_[i]) Carry(change, names);
  }
  Files files;
  for (const auto& [name, inode] : names) files[name] = AfterCut(*inode, random);
  return files;
}

std::map<std::string, int64_t> SimulatedDisk::Written() const {
  std::map<std::string, int64_t> written;
  for (const Names* names : {&synced_, &now_}) {
    for (const auto& [name, inode] : *names) written[name] = inode->written;
  }
  return written;
}

SimulatedDisk::Files SimulatedDisk::All() const {
  Files files;
  for (const auto& [name, inode] : now_) {
    std::string content = inode->synced;
    for (const Write& write : inode->pending) Carry(write, content);
    files[name] = std::move(content);
  }
  return files;
}

}  // namespace voxeld
