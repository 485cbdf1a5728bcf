#include "daemon/store/request_log.h"

#include <utility>

namespace voxeld {

const RememberedRequest* RequestLog::Find(const std::string& id) {
  const auto found = requests_.find(id);
  if (found == requests_.end()) return nullptr;
  if (found->second.request.ticket.failed()) {
    requests_.erase(found);
    return nullptr;
  }
  return &found->second.request;
}

void RequestLog::Remember(const std::string& id, RememberedRequest request, absl::Time now) {
  const uint64_t serial = next_serial_++;
  requests_.insert_or_assign(id, Slot{std::move(request), serial});
  ages_.push_back({now, serial, id});
  while (ages_.size() > 1 && (std::ssize(ages_) > max_ || ages_.front().since + keep_for_ < now)) {
    DropOldest();
  }
}

void RequestLog::DropOldest() {
  const auto found = requests_.find(ages_.front().id);
  if (found != requests_.end() && found->second.serial == ages_.front().serial) {
    requests_.erase(found);
  }
  ages_.pop_front();
}

}  // namespace voxeld
