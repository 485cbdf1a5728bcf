#include "daemon/net/grpc_reflection.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/support/status.h>

#include <algorithm>
#include <set>

#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;
using google::protobuf::io::StringOutputStream;

// Numbers of the protocol's fields.
enum RequestField {
  kHost = 1,
  kFileByFilename = 3,
  kFileContainingSymbol = 4,
  kFileContainingExtension = 5,
  kAllExtensionNumbers = 6,
  kListServices = 7,
};
enum ResponseField {
  kValidHost = 1,
  kOriginalRequest = 2,
  kFileDescriptors = 4,
  kExtensionNumbers = 5,
  kServices = 6,
  kError = 7,
};

struct Question {
  std::string host;
  int what = 0;  // a RequestField
  std::string text;
};

template <typename Write>
std::string Encoded(const Write& write) {
  std::string bytes;
  StringOutputStream stream(&bytes);
  CodedOutputStream coded(&stream);
  write(&coded);
  coded.Trim();
  return bytes;
}

// Of a message whose fields are all texts, bytes or messages; false: it is none.
bool ReadFields(std::string_view bytes, const absl::FunctionRef<void(int, std::string)>& take) {
  CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()),
                      static_cast<int>(bytes.size()));
  while (const uint32_t tag = in.ReadTag()) {
    const int number = WireFormatLite::GetTagFieldNumber(tag);
    if (WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      uint64_t value = 0;
      if (WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_VARINT ||
          !in.ReadVarint64(&value)) {
        return false;
      }
      take(number, voxel::StrCat(value));
      continue;
    }
    std::string text;
    uint32_t size = 0;
    if (!in.ReadVarint32(&size) || size > bytes.size() ||
        !in.ReadString(&text, static_cast<int>(size))) {
      return false;
    }
    take(number, std::move(text));
  }
  return in.ConsumedEntireMessage();
}

// The file, after those that it needs.
void AddWithImports(const FileDescriptor& file, std::set<const FileDescriptor*>* seen,
                    std::vector<std::string>* files) {
  if (!seen->insert(&file).second) return;
  google::protobuf::FileDescriptorProto proto;
  file.CopyTo(&proto);
  files->push_back(proto.SerializeAsString());
  for (int i = 0; i < file.dependency_count(); ++i) {
    AddWithImports(*file.dependency(i), seen, files);
  }
}

std::string FilesAnswer(const FileDescriptor& file) {
  std::set<const FileDescriptor*> seen;
  std::vector<std::string> files;
  AddWithImports(file, &seen, &files);
  return Encoded([&files](CodedOutputStream* out) {
    for (const std::string& each : files) WireFormatLite::WriteBytes(1, each, out);
  });
}

std::string ErrorAnswer(grpc::StatusCode code, const std::string& message) {
  return Encoded([&](CodedOutputStream* out) {
    WireFormatLite::WriteInt32(1, code, out);
    WireFormatLite::WriteString(2, message, out);
  });
}

std::string ServicesAnswer(const std::vector<std::string>& services) {
  return Encoded([&services](CodedOutputStream* out) {
    for (const std::string& name : services) {
      WireFormatLite::WriteBytes(1, Encoded([&name](CodedOutputStream* one) {
                                   WireFormatLite::WriteString(1, name, one);
                                 }),
                                 out);
    }
  });
}

// Which ResponseField, and its bytes.
using Answer = std::pair<int, std::string>;

Answer NotFound(const std::string& what) {
  return {kError, ErrorAnswer(grpc::StatusCode::NOT_FOUND, what)};
}

Answer FileAnswer(const FileDescriptor* file, const std::string& name) {
  if (file == nullptr) return NotFound(voxel::StrCat("nothing is called \"", name, "\""));
  return {kFileDescriptors, FilesAnswer(*file)};
}

Answer ExtensionAnswer(const std::string& bytes) {
  std::string type;
  std::string number;
  (void)ReadFields(bytes, [&](int field, std::string value) {
    (field == 1 ? type : number) = std::move(value);
  });
  return NotFound(voxel::StrCat("\"", type, "\" has no extension ", number));
}

Answer NumbersAnswer(const std::string& type) {
  const DescriptorPool& pool = *DescriptorPool::generated_pool();
  const Descriptor* const message = pool.FindMessageTypeByName(type);
  if (message == nullptr) return NotFound(voxel::StrCat("no message is called \"", type, "\""));
  std::vector<const FieldDescriptor*> extensions;
  pool.FindAllExtensions(message, &extensions);
  return {kExtensionNumbers, Encoded([&](CodedOutputStream* out) {
            WireFormatLite::WriteString(1, type, out);
            for (const FieldDescriptor* each : extensions) {
              WireFormatLite::WriteInt32(2, each->number(), out);
            }
          })};
}

Answer AnswerOf(const Question& question, const std::vector<std::string>& services) {
  const DescriptorPool& pool = *DescriptorPool::generated_pool();
  switch (question.what) {
    case kFileByFilename:
      return FileAnswer(pool.FindFileByName(question.text), question.text);
    case kFileContainingSymbol:
      return FileAnswer(pool.FindFileContainingSymbol(question.text), question.text);
    case kFileContainingExtension:
      return ExtensionAnswer(question.text);
    case kAllExtensionNumbers:
      return NumbersAnswer(question.text);
    case kListServices:
      return {kServices, ServicesAnswer(services)};
    default:
      return {kError, ErrorAnswer(grpc::StatusCode::INVALID_ARGUMENT, "nothing is asked")};
  }
}

}  // namespace

absl::StatusOr<std::string> AnswerReflection(std::string_view request,
                                             const std::vector<std::string>& services) {
  Question question;
  const bool read = ReadFields(request, [&question](int field, std::string text) {
    if (field == kHost) {
      question.host = std::move(text);
    } else {
      question.what = field;
      question.text = std::move(text);
    }
  });
  if (!read) {
    return voxel::Error(voxel::Reason::MALFORMED_MESSAGE, "not a ServerReflectionRequest message");
  }
  const Answer answer = AnswerOf(question, services);
  return Encoded([&](CodedOutputStream* out) {
    WireFormatLite::WriteString(kValidHost, question.host, out);
    WireFormatLite::WriteBytes(kOriginalRequest, std::string(request), out);
    WireFormatLite::WriteBytes(answer.first, answer.second, out);
  });
}

}  // namespace voxeld
