// simdjson's On-Demand parser over a copy of the text that has the padding it needs, and what its
// callers share: tokens and where the text breaks off.
//
// Threading: an object may be used by one thread at a time.
// Cost:      about nine bytes of memory per byte of the longest text since the last Shrink.
// Source:    simdjson 3.0 On-Demand. It checks only what is touched: whoever reads must read
//            everything.
#pragma once

#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <string>
#include <string_view>

#include "voxel/base/short_text.h"

namespace voxeld {

class SimdjsonParser {
 public:
  // Begins a text; the last one and every view of it end. UTF-8 and the ends of strings are checked
  // here, for all of it.
  simdjson::error_code Start(std::string_view text);
  // Ends the text, and gives memory back that only texts of more than 256 KiB need.
  void Shrink();
  simdjson::ondemand::document& document() { return document_; }
  // Whether nothing is left of the text. REQUIRES: the document's value was read to its end.
  bool AtEnd();
  // The text from a place in the copy on; padding follows it.
  std::string_view From(const char* place) const {
    return {place, static_cast<size_t>(padded_.data() + size_ - place)};
  }
  // Where a view of the copy stands in the text.
  size_t OffsetOf(std::string_view view) const {
    return static_cast<size_t>(view.data() - padded_.data());
  }
  // What to say about text that cannot be read: "unclosed string", "at byte 17, \"}\"".
  voxel::ShortText Describe(simdjson::error_code error);

 private:
  std::string padded_;
  size_t size_ = 0;
  bool started_ = false;
  simdjson::ondemand::parser parser_;
  simdjson::ondemand::document document_;
};

// Without the space at its end: simdjson's raw tokens reach up to the next one.
std::string_view TrimSpace(std::string_view token);
// The text of the value's first token, without the space after it: a whole scalar, or '{' or '['.
std::string_view TokenOf(simdjson::ondemand::value& value);
// Whether a token is one of JSON's: a number, true, false, null, or something in quotes or
// brackets.
bool IsJsonToken(std::string_view token);

}  // namespace voxeld
