// transfer.import and transfer.formats.
#include <utility>
#include <vector>

#include "daemon/convert/geometry.h"
#include "daemon/convert/ids.h"
#include "daemon/convert/layers.h"
#include "daemon/service/file_upload.h"
#include "daemon/service/merge_import.h"
#include "daemon/service/methods.h"
#include "daemon/service/mutation.h"
#include "daemon/service/new_project.h"
#include "daemon/service/reading.h"
#include "voxel/base/error.h"
#include "voxel/base/hash.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::Document;
using voxel::RefPtr;

class Importer final : public ClientStream {
 public:
  Importer(Services& services, CallContext& context)
      : services_(services), context_(context), upload_(services.limits.max_upload_bytes) {}

  absl::Status Accept(const google::protobuf::Message& message) override {
    const auto& part = static_cast<const v1::ImportRequest&>(message);
    VOXEL_ASSIGN_OR_RETURN(const bool is_header,
                           upload_.Accept(part.has_header(), part.data(), part.last_part()));
    return is_header ? AcceptHeader(part.header()) : absl::OkStatus();
  }

  absl::Status Finish(google::protobuf::Message* message) override {
    auto* response = static_cast<v1::ImportResponse*>(message);
    VOXEL_RETURN_IF_ERROR(upload_.Finish(services_.roots, header_.path()));
    const std::string& bytes = upload_.bytes();
    VOXEL_ASSIGN_OR_RETURN(const voxel::Format* format, ChooseFormat());
    const voxel::ImportLimits limits{.max_voxels = services_.limits.max_import_voxels,
                                     .max_layers = services_.limits.max_layers};
    VOXEL_ASSIGN_OR_RETURN(voxel::ImportedFile file,
                           format->Read(bytes, limits, EditTask(services_, context_)));
    VOXEL_ASSIGN_OR_RETURN(file.document, MovedBy(std::move(file.document), offset_));
    context_.content_hash = voxel::HashBytes(bytes.data(), bytes.size());
    response->set_format(format->info().id);
    response->mutable_warnings()->Assign(file.warnings.begin(), file.warnings.end());
    return header_.create() ? FinishNew(*file.document, response)
                            : FinishInto(*file.document, response);
  }

  // A new project has no strand yet.
  std::string project() const override {
    return header_.create() ? std::string() : header_.project();
  }

 private:
  absl::Status AcceptHeader(const v1::ImportHeader& header) {
    header_ = header;
    VOXEL_RETURN_IF_ERROR(CheckId(header_.project(), "header.project"));
    if (header_.at().empty()) return absl::OkStatus();
    VOXEL_ASSIGN_OR_RETURN(offset_, ToCoord(header_.at(), "header.at"));
    return absl::OkStatus();
  }

  absl::StatusOr<const voxel::Format*> ChooseFormat() const {
    if (header_.format().empty()) return services_.formats->Detect(upload_.bytes());
    auto format = services_.formats->Find(header_.format());
    return format.ok() ? format : voxel::InField("header", format.status());
  }

  absl::Status FinishNew(const Document& imported, v1::ImportResponse* response) {
    const ProjectSeed seed{.id = header_.project(), .document = voxel::MakeRef<Document>(imported)};
    return AddProject(services_, context_, seed, header_.write(), header_, response,
                      [&](const Project&, const Revision& first) {
                        for (int i = 0; i < static_cast<int>(first.document->layers.size()); ++i) {
                          FromLayer(*first.document, i, response->add_layers());
                        }
                      });
  }

  absl::Status FinishInto(const Document& imported, v1::ImportResponse* response) {
    VOXEL_ASSIGN_OR_RETURN(const std::shared_ptr<Project> project,
                           FindProject(services_, header_.project()));
    int first_new = 0;
    const auto change = [&](const Revision& applied) -> absl::StatusOr<RefPtr<const Document>> {
      VOXEL_ASSIGN_OR_RETURN(MergedImport merged,
                             MergeImport(*applied.document, imported, services_.limits.max_layers));
      first_new = merged.first_new_layer;
      return std::move(merged.document);
    };
    return Mutate(services_, context_, *project, header_.write(), header_, change, response,
                  [&](const Outcome& outcome) {
                    const Document& document = *outcome.applied->document;
                    for (int i = first_new; i < static_cast<int>(document.layers.size()); ++i) {
                      FromLayer(document, i, response->add_layers());
                    }
                  });
  }

  Services& services_;
  CallContext& context_;
  v1::ImportHeader header_;
  voxel::Coord offset_;
  FileUpload upload_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ClientStream>> TransferImport(Services& services,
                                                             CallContext& context) {
  return std::make_unique<Importer>(services, context);
}

absl::Status TransferFormats(Services& services, CallContext&, const v1::FormatsRequest&,
                             v1::FormatsResponse* response) {
  for (const auto& format : services.formats->formats()) {
    const voxel::FormatInfo& info = format->info();
    v1::Format* out = response->add_formats();
    out->set_format(info.id);
    out->set_title(info.title);
    out->mutable_extensions()->Assign(info.extensions.begin(), info.extensions.end());
    out->set_reads(info.reads);
    out->set_writes(info.writes);
    out->mutable_keeps()->Assign(info.keeps.begin(), info.keeps.end());
    out->set_limits(info.limits);
  }
  return absl::OkStatus();
}

}  // namespace voxeld
