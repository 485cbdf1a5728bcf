#include "daemon/store/project_slots.h"

#include <utility>

#include "voxel/base/error.h"
#include "voxel/base/short_text.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::Error;
using voxel::Reason;
using voxel::ShortText;
using voxel::StrCat;

absl::Status NotFound(std::string_view id) {
  return Error(Reason::PROJECT_NOT_FOUND, ShortText("there is no project \"", id, "\""), "project");
}

}  // namespace

bool ProjectSlots::closed(std::string_view id) const {
  if (projects_.Find(id) != nullptr) return false;
  absl::MutexLock lock(&mu_);
  const auto found = slots_.find(id);
  return found != slots_.end() &&
         (found->second.state == State::kClosed || found->second.state == State::kLoading);
}

bool ProjectSlots::known(std::string_view id) const {
  if (projects_.Find(id) != nullptr) return true;
  absl::MutexLock lock(&mu_);
  const auto found = slots_.find(id);
  return found != slots_.end() && found->second.state != State::kCreating;
}

bool ProjectSlots::AddClosed(const std::string& id, const std::string& uid) {
  absl::MutexLock lock(&mu_);
  const auto [slot, added] = slots_.try_emplace(id);
  if (!added) return false;
  slot->second.uid = uid;
  slot->second.state = State::kClosed;
  ++there_;
  return true;
}

absl::Status ProjectSlots::Reserve(const std::string& id, const std::string& uid, int32_t max,
                                   CommitTicket& ticket, ProjectCreation creation) {
  absl::MutexLock lock(&mu_);
  if (const auto found = slots_.find(id); found != slots_.end()) {
    if (found->second.state == State::kCreating) ticket = found->second.creation.ticket;
    return Error(Reason::PROJECT_EXISTS, StrCat("project \"", id, "\" exists"), "project");
  }
  if (std::ssize(slots_) >= max) {
    return Error(Reason::LIMIT_PROJECTS,
                 StrCat("there are ", slots_.size(), " projects already, which is the limit"));
  }
  ticket = CommitTicket::Make();
  Slot& slot = slots_[id];
  slot.uid = uid;
  slot.creation = std::move(creation);
  slot.creation.ticket = ticket;
  return absl::OkStatus();
}

std::optional<ProjectCreation> ProjectSlots::Creating(std::string_view id) const {
  absl::MutexLock lock(&mu_);
  const auto found = slots_.find(id);
  if (found == slots_.end() || found->second.state != State::kCreating) return std::nullopt;
  return found->second.creation;
}

void ProjectSlots::Created(const std::shared_ptr<ProjectImpl>& project,
                           const absl::Status& status) {
  const std::string& id = project->identity().id;
  CommitTicket ticket;
  {
    absl::MutexLock lock(&mu_);
    const auto found = slots_.find(id);
    ticket = std::exchange(found->second.creation, {}).ticket;
    if (status.ok()) {
      found->second.state = State::kOpen;
      ++there_;
      projects_.Set(id, project);
    } else {
      slots_.erase(found);
    }
  }
  if (status.ok() || !voxel::ReasonOf(status).empty()) return ticket.Resolve(status);
  ticket.Resolve(
      Error(Reason::COMMIT_FAILED, StrCat("the store could not create project \"", id, "\"")));
}

void ProjectSlots::Adopted(const std::string& id, const absl::Status& status) {
  CommitTicket ticket;
  {
    absl::MutexLock lock(&mu_);
    const auto found = slots_.find(id);
    ticket = std::exchange(found->second.creation, {}).ticket;
    if (status.ok()) {
      found->second.state = State::kClosed;
      ++there_;
    } else {
      slots_.erase(found);
    }
  }
  ticket.Resolve(status);
}

bool ProjectSlots::Replace(const std::string& id, const std::string& uid, Replaced& old) {
  absl::MutexLock lock(&mu_);
  const auto found = slots_.find(id);
  if (found == slots_.end()) return false;
  Slot& slot = found->second;
  if (slot.state == State::kCreating || slot.state == State::kLoading) return false;
  old.uid = slot.uid;
  old.project = slot.state == State::kOpen ? projects_.Find(id) : slot.left.lock();
  if (slot.state == State::kOpen) projects_.Erase(id);
  slot = Slot();
  slot.uid = uid;
  slot.state = State::kLoading;
  slot.load_started = true;
  return true;
}

bool ProjectSlots::Vacated(const std::string& id) {
  absl::MutexLock lock(&mu_);
  Slot& slot = slots_.find(id)->second;  // nobody removes a slot that is loading
  slot.load_started = false;
  if (slot.waiting.empty()) slot.state = State::kClosed;
  return !slot.waiting.empty();
}

bool ProjectSlots::WhenOpen(const std::string& id, Opened opened) {
  absl::Status status;
  {
    absl::MutexLock lock(&mu_);
    const auto found = slots_.find(id);
    if (found == slots_.end() || found->second.state == State::kCreating) {
      status = NotFound(id);
    } else if (Slot& slot = found->second; slot.state != State::kOpen) {
      if (std::shared_ptr<ProjectImpl> held = slot.left.lock()) {
        slot.state = State::kOpen;
        projects_.Set(id, std::move(held));
      } else if (!slot.damage.ok()) {
        status = slot.damage;
      } else {
        slot.state = State::kLoading;
        slot.waiting.push_back(std::move(opened));
        return !slot.load_started;
      }
    }
  }
  opened(status);
  return false;
}

bool ProjectSlots::StartLoading(const std::string& id, std::string& uid) {
  absl::MutexLock lock(&mu_);
  const auto found = slots_.find(id);
  if (found == slots_.end() || found->second.state != State::kLoading) return false;
  uid = found->second.uid;
  return !std::exchange(found->second.load_started, true);
}

void ProjectSlots::Loaded(const std::string& id, const std::shared_ptr<ProjectImpl>& project,
                          const absl::Status& status) {
  std::vector<Opened> waiting;
  {
    absl::MutexLock lock(&mu_);
    Slot& slot = slots_.find(id)->second;  // nobody removes a slot that is loading
    waiting.swap(slot.waiting);
    slot.load_started = false;
    slot.state = status.ok() ? State::kOpen : State::kClosed;
    if (status.ok()) {
      projects_.Set(id, project);
    } else if (voxel::HasReason(status, Reason::STORE_DAMAGED)) {
      slot.damage = status;
    }
  }
  for (Opened& opened : waiting) opened(status);
}

std::vector<std::shared_ptr<ProjectImpl>> ProjectSlots::Open() const {
  std::vector<std::shared_ptr<ProjectImpl>> open;
  absl::MutexLock lock(&mu_);
  for (const auto& [id, slot] : slots_) {
    if (slot.state == State::kOpen) open.push_back(projects_.Find(id));
  }
  return open;
}

void ProjectSlots::GiveUp(const std::shared_ptr<ProjectImpl>& project) {
  absl::MutexLock lock(&mu_);
  const auto found = slots_.find(project->identity().id);
  if (found == slots_.end() || found->second.uid != project->identity().uid ||
      found->second.state != State::kOpen) {
    return;
  }
  found->second.state = State::kClosed;
  found->second.left = project;
  projects_.Erase(found->first);
}

std::shared_ptr<ProjectImpl> ProjectSlots::Remove(const std::string& id) {
  absl::MutexLock lock(&mu_);
  const auto found = slots_.find(id);
  if (found == slots_.end()) return nullptr;
  const Slot& slot = found->second;
  std::shared_ptr<ProjectImpl> project;
  if (slot.state == State::kOpen) {
    project = projects_.Find(id);
    projects_.Erase(id);
  } else if (slot.state == State::kClosed) {
    project = slot.left.lock();
  }
  if (project == nullptr) return nullptr;
  slots_.erase(found);
  --there_;
  return project;
}

void ProjectSlots::CloseAll() {
  for (const std::shared_ptr<ProjectImpl>& project : Open()) project->Close();
}

std::vector<ProjectSlots::Listed> ProjectSlots::List(std::string_view after,
                                                     std::string_view prefix, int32_t limit) const {
  std::vector<Listed> entries;
  absl::MutexLock lock(&mu_);
  auto next = after < prefix ? slots_.lower_bound(prefix) : slots_.upper_bound(after);
  for (; next != slots_.end() && std::ssize(entries) < limit; ++next) {
    if (!next->first.starts_with(prefix)) break;
    if (next->second.state == State::kCreating) continue;
    entries.push_back({next->first, next->second.uid, next->second.state == State::kOpen});
  }
  return entries;
}

int32_t ProjectSlots::size() const {
  absl::MutexLock lock(&mu_);
  return there_;
}

}  // namespace voxeld
