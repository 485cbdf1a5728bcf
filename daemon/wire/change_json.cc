#include "daemon/wire/change_json.h"

#include <cstdint>
#include <string_view>
#include <utility>

#include "daemon/wire/json_number.h"
#include "daemon/wire/json_string.h"

namespace voxeld {
namespace {

// An object while it is written. Keys come with their quotes and the colon.
class Object {
 public:
  explicit Object(std::string* out) : out_(out) {}

  void Key(std::string_view key) {
    out_->push_back(std::exchange(before_, ','));
    out_->append(key);
  }
  void Integer(std::string_view key, int64_t value) {
    if (value == 0) return;
    Key(key);
    AppendInteger(value, out_);
  }
  void Flag(std::string_view key, bool value) {
    if (!value) return;
    Key(key);
    out_->append("true");
  }
  void Text(std::string_view key, const std::string& value) {
    if (value.empty()) return;
    Key(key);
    AppendJsonString(value, out_);
  }
  // fn(element) writes one.
  template <typename List, typename Fn>
  void Array(std::string_view key, const List& list, Fn fn) {
    if (list.empty()) return;
    Key(key);
    char before = '[';
    for (const auto& element : list) {
      out_->push_back(std::exchange(before, ','));
      fn(element);
    }
    out_->push_back(']');
  }
  void End() { out_->append(before_ == '{' ? "{}" : "}"); }

 private:
  std::string* const out_;
  char before_ = '{';
};

void AppendBox(const v1::Box& box, std::string* out) {
  const auto coordinate = [out](int32_t value) { AppendInteger(int64_t{value}, out); };
  Object object(out);
  object.Array(R"("min":)", box.min(), coordinate);
  object.Array(R"("max":)", box.max(), coordinate);
  object.End();
}

void AppendCount(const v1::EditCount& count, std::string* out) {
  Object object(out);
  object.Integer(R"("changed":)", count.changed());
  object.Integer(R"("unchanged":)", count.unchanged());
  object.Integer(R"("clipped":)", count.clipped());
  object.Text(R"("warning":)", count.warning());
  object.End();
}

}  // namespace

void AppendChange(const v1::Change& change, std::string* out) {
  Object object(out);
  object.Integer(R"("revision":)", change.revision());
  object.Integer(R"("voxels_changed":)", change.voxels_changed());
  if (change.has_bounds()) {
    object.Key(R"("bounds":)");
    AppendBox(change.bounds(), out);
  }
  object.Array(R"("edits":)", change.edits(),
               [out](const v1::EditCount& count) { AppendCount(count, out); });
  object.Flag(R"("durable":)", change.durable());
  object.Flag(R"("replayed":)", change.replayed());
  object.End();
}

}  // namespace voxeld
