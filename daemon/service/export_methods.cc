// transfer.export.
#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "daemon/service/file_upload.h"
#include "daemon/service/methods.h"
#include "daemon/service/mutation.h"
#include "daemon/service/reading.h"
#include "daemon/service/rooted_files.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::Document;
using voxel::Error;
using voxel::Reason;
using voxel::RefPtr;

constexpr size_t kMaxNameBytes = 200;  // with an extension, a file system's 255

// Sends the files one after the other, in parts. Without data if they were written to disk.
class ExportStream final : public ServerStream {
 public:
  ExportStream(voxel::ExportResult result, int64_t revision, bool send_data)
      : result_(std::move(result)), revision_(revision), send_data_(send_data) {}

  absl::StatusOr<Pull> Next(google::protobuf::Message* message) override {
    if (file_ == result_.files.size()) return Pull::kEnd;
    const voxel::ExportedFile& file = result_.files[file_];
    auto* response = static_cast<v1::ExportResponse*>(message);
    response->set_file(file.name);
    response->set_bytes(static_cast<int64_t>(file.data.size()));
    response->set_revision(revision_);
    if (file_ == 0 && offset_ == 0) {
      response->mutable_warnings()->Assign(result_.warnings.begin(), result_.warnings.end());
    }
    const size_t end =
        send_data_ ? std::min(file.data.size(), offset_ + kPartBytes) : file.data.size();
    if (send_data_) response->set_data(file.data.substr(offset_, end - offset_));
    response->set_last_part(end == file.data.size());
    offset_ = response->last_part() ? 0 : end;
    file_ += response->last_part() ? 1 : 0;
    return Pull::kMessage;
  }

 private:
  const voxel::ExportResult result_;
  const int64_t revision_;
  const bool send_data_;
  size_t file_ = 0;
  size_t offset_ = 0;
};

// The document with only the named layers. LAYER_NOT_FOUND, INVALID_ID.
absl::StatusOr<RefPtr<const Document>> OnlyLayers(RefPtr<const Document> document,
                                                  const v1::ExportRequest& request) {
  if (request.layers().empty()) return document;
  std::vector<bool> wanted(document->layers.size(), false);
  for (int i = 0; i < request.layers_size(); ++i) {
    VOXEL_ASSIGN_OR_RETURN(
        const int index, FindLayer(*document, request.layers(i), voxel::StrCat("layers[", i, "]")));
    wanted[static_cast<size_t>(index)] = true;
  }
  auto part = voxel::MakeRef<Document>(*document);
  part->layers.clear();
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i]) part->layers.push_back(document->layers[i]);
  }
  return RefPtr<const Document>(std::move(part));
}

// "castle.vox" of "/models/castle.vox", and "castle".
std::string FileName(const std::string& path) { return path.substr(path.rfind('/') + 1); }
std::string BaseName(const std::string& path) {
  const std::string file = FileName(path);
  const size_t dot = file.rfind('.');
  return dot == std::string::npos || dot == 0 ? file : file.substr(0, dot);
}

// What the files are called. INVALID_FIELD: a side file's name stands in the text of the main file
// (an .obj's mtllib), so it must not break a line, nor lead elsewhere.
absl::StatusOr<std::string> NameOfFiles(const v1::ExportRequest& request) {
  if (request.name().empty()) {
    return request.path().empty() ? request.project() : BaseName(request.path());
  }
  if (!request.path().empty()) {
    return Error(Reason::INVALID_FIELD, "name: path names the files already; give one of both",
                 "name");
  }
  const auto is_bad = [](unsigned char c) { return c < 0x20 || c == 0x7f || c == '/'; };
  if (request.name().size() > kMaxNameBytes ||
      std::any_of(request.name().begin(), request.name().end(), is_bad)) {
    return Error(
        Reason::INVALID_FIELD,
        voxel::StrCat("name is \"", absl::CHexEscape(request.name()), "\"; accepted are at most ",
                      kMaxNameBytes, " bytes without / or control characters"),
        "name");
  }
  return request.name();
}

// Side files (a .mtl beside its .obj) go where the main file goes, under their own names.
absl::Status WriteFiles(const Services& services, const v1::ExportRequest& request,
                        const voxel::ExportResult& result) {
  const std::string folder = request.path().substr(0, request.path().rfind('/') + 1);
  for (size_t i = 0; i < result.files.size(); ++i) {
    const std::string path = i == 0 ? request.path() : folder + result.files[i].name;
    VOXEL_RETURN_IF_ERROR(
        WriteRootedFile(services.roots, path, result.files[i].data, request.overwrite()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServerStream>> TransferExport(Services& services,
                                                             CallContext& context,
                                                             const v1::ExportRequest& request) {
  VOXEL_ASSIGN_OR_RETURN(const RevisionPtr revision,
                         ReadRevision(services, request.project(), request.revision()));
  VOXEL_ASSIGN_OR_RETURN(const voxel::Format* format, services.formats->Find(request.format()));
  if (!format->info().writes) {
    return Error(Reason::FORMAT_UNSUPPORTED,
                 voxel::StrCat("format \"", request.format(), "\" cannot be written"), "format");
  }
  VOXEL_ASSIGN_OR_RETURN(RefPtr<const Document> document, OnlyLayers(revision->document, request));
  VOXEL_ASSIGN_OR_RETURN(document, OnlySelected(document, request.selection(), "selection",
                                                LongTask(services, context)));
  voxel::ExportOptions options;
  VOXEL_ASSIGN_OR_RETURN(options.base_name, NameOfFiles(request));
  options.values.insert(request.options().begin(), request.options().end());
  VOXEL_ASSIGN_OR_RETURN(voxel::ExportResult result,
                         format->Write(*document, options, LongTask(services, context)));
  if (!request.path().empty()) {
    VOXEL_RETURN_IF_ERROR(WriteFiles(services, request, result));
    result.files[0].name = FileName(request.path());  // whatever the format calls it
  }
  return std::make_unique<ExportStream>(std::move(result), revision->info.revision,
                                        request.path().empty());
}

}  // namespace voxeld
