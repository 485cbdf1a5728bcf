// Appends messages as JSON, by descriptors, but for what every write is answered with
// (change_json.h). What WriteJson (json_codec.h) promises is done here.
//
// Threading: plain functions; the message must not change meanwhile.
// Source:    protobuf.dev/programming-guides/json.
#pragma once

#include <string>

#include "google/protobuf/message.h"

namespace voxeld {

class JsonWriter {
 public:
  explicit JsonWriter(std::string* out) : out_(out) {}
  void WriteMessage(const google::protobuf::Message& message);

 private:
  using Field = google::protobuf::FieldDescriptor;
  using Message = google::protobuf::Message;
  using Reflection = google::protobuf::Reflection;

  // `get` is the message's own, which costs a call to find.
  void WriteField(const Message& message, const Reflection& get, const Field& field);
  void WriteSingular(const Message& message, const Reflection& get, const Field& field);
  void WriteRepeated(const Message& message, const Reflection& get, const Field& field);
  void WriteMap(const Message& message, const Reflection& get, const Field& field);

  void WriteReal(double value);
  void WriteReal(float value);
  void WriteBool(bool value);
  void WriteEnum(const google::protobuf::EnumDescriptor& type, int number);
  void WriteText(const Field& field, const std::string& value);  // string or bytes

  std::string* const out_;
};

}  // namespace voxeld
