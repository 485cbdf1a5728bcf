#include "daemon/store/request_log.h"

#include <utility>

namespace voxeld {
namespace {

constexpr size_t kFixedBytes = 200;  // of an answer's places in both tables

}  // namespace

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
  const auto bytes = static_cast<int64_t>(kFixedBytes + 2 * id.size() + request.answer.size());
  requests_.insert_or_assign(id, Slot{std::move(request), serial});
  ages_.push_back({now, serial, bytes, id});
  bytes_ += bytes;
  while (ages_.size() > 1 && TooMany(now)) DropOldest();
}

bool RequestLog::TooMany(absl::Time now) const {
  if (bytes_ > limits_.max_bytes) return true;
  return std::ssize(ages_) > limits_.max && ages_.front().since + limits_.keep_for < now;
}

void RequestLog::DropOldest() {
  const auto found = requests_.find(ages_.front().id);
  if (found != requests_.end() && found->second.serial == ages_.front().serial) {
    requests_.erase(found);
  }
  bytes_ -= ages_.front().bytes;
  ages_.pop_front();
}

}  // namespace voxeld
