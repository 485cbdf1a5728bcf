// admin.backup, admin.restore, admin.verify: the files that projects are kept in.
#include <algorithm>
#include <deque>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "daemon/convert/ids.h"
#include "daemon/service/file_upload.h"
#include "daemon/service/methods.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::Error;
using voxel::Reason;

absl::Status NotKept(const std::string& project) {
  if (project.empty()) return Error(Reason::NOT_KEPT, "the daemon has no --data-dir");
  return Error(Reason::NOT_KEPT,
               voxel::StrCat("project \"", project,
                             "\" has no file: it is ephemeral, or the daemon has no --data-dir"),
               "project");
}

// The projects that have a file: the one named, or all. INVALID_ID, PROJECT_NOT_FOUND, NOT_KEPT.
absl::StatusOr<std::deque<ProjectEntry>> KeptProjects(const Services& services,
                                                      const std::string& project) {
  if (!project.empty()) VOXEL_RETURN_IF_ERROR(CheckId(project, "project"));
  const int32_t limit = project.empty() ? std::numeric_limits<int32_t>::max() : 1;
  const std::vector<ProjectEntry> found = services.registry->List("", project, limit);
  if (!project.empty() && (found.empty() || found.front().id != project)) {
    return Error(Reason::PROJECT_NOT_FOUND, voxel::StrCat("there is no project \"", project, "\""),
                 "project");
  }
  if (services.archive == nullptr) return NotKept(project);
  std::deque<ProjectEntry> kept;
  for (const ProjectEntry& entry : found) {
    if (services.archive->Has(entry.uid)) kept.push_back(entry);
  }
  if (kept.empty() && !project.empty()) return NotKept(project);
  return kept;
}

class BackupStream final : public ServerStream {
 public:
  BackupStream(ProjectArchive* archive, CallContext& context, std::deque<ProjectEntry> projects,
               bool only_one)
      : archive_(archive), context_(context), projects_(std::move(projects)), only_one_(only_one) {}

  absl::StatusOr<Pull> Next(google::protobuf::Message* message) override {
    auto* response = static_cast<v1::BackupResponse*>(message);
    while (copy_ == nullptr) {
      if (projects_.empty()) return Pull::kEnd;
      const absl::Status status = BeginFile();
      if (status.ok()) break;
      VOXEL_RETURN_IF_ERROR(context_.Task().Check());
      if (only_one_) return status;
      if (absl::IsNotFound(status)) continue;  // deleted meanwhile
      response->set_project(project_);
      response->set_warning(std::string(status.message()));
      response->set_last_part(true);
      return Pull::kMessage;
    }
    response->set_project(project_);
    response->set_file(copy_->name());
    response->set_bytes(copy_->bytes());
    response->set_revision(copy_->revision());
    VOXEL_ASSIGN_OR_RETURN(*response->mutable_data(), copy_->Read(offset_, kPartBytes));
    offset_ += static_cast<int64_t>(response->data().size());
    response->set_last_part(offset_ == copy_->bytes());
    if (response->last_part()) copy_ = nullptr;
    return Pull::kMessage;
  }

 private:
  absl::Status BeginFile() {
    const ProjectEntry entry = std::move(projects_.front());
    projects_.pop_front();
    project_ = entry.id;
    offset_ = 0;
    VOXEL_ASSIGN_OR_RETURN(copy_, archive_->CopyOf(entry.uid, context_.Task()));
    return absl::OkStatus();
  }

  ProjectArchive* const archive_;
  CallContext& context_;
  std::deque<ProjectEntry> projects_;  // those to come
  const bool only_one_;
  std::string project_;
  std::unique_ptr<ProjectCopy> copy_;
  int64_t offset_ = 0;
};

class VerifyStream final : public ServerStream {
 public:
  VerifyStream(Services& services, CallContext& context, std::deque<ProjectEntry> projects)
      : services_(services), context_(context), projects_(std::move(projects)) {}

  absl::StatusOr<Pull> Next(google::protobuf::Message* message) override {
    auto* response = static_cast<v1::VerifyResponse*>(message);
    while (items_.empty()) {
      if (projects_.empty()) return Pull::kEnd;
      VOXEL_RETURN_IF_ERROR(CheckNext());
    }
    *response = std::move(items_.front());
    items_.pop_front();
    return Pull::kMessage;
  }

 private:
  absl::Status CheckNext() {
    const ProjectEntry entry = std::move(projects_.front());
    projects_.pop_front();
    absl::StatusOr<CheckReport> report = services_.archive->Check(entry.uid, context_.Task());
    if (absl::IsNotFound(report.status())) return absl::OkStatus();  // deleted meanwhile
    VOXEL_RETURN_IF_ERROR(report.status());
    CompareWithMemory(entry, *report);
    const auto item = [&]() -> v1::VerifyResponse& {
      v1::VerifyResponse& next = items_.emplace_back();
      next.set_project(entry.id);
      next.set_file(report->file);
      return next;
    };
    for (std::string& finding : report->findings) item().set_finding(std::move(finding));
    v1::VerifyResponse& last = item();
    last.set_last_part(true);
    last.set_sound(report->findings.empty());
    last.set_bytes(report->bytes);
    last.set_revisions(report->revisions);
    if (!report->contents.empty()) {
      last.set_revision(report->contents.back()->info.revision);
    }
    return absl::OkStatus();
  }

  // What an open project holds under the same numbers must be the same.
  void CompareWithMemory(const ProjectEntry& entry, CheckReport& report) const {
    const std::shared_ptr<Project> project = services_.registry->FindOpen(entry.id);
    if (project == nullptr || project->identity().uid != entry.uid) return;
    for (const RevisionPtr& kept : report.contents) {
      const int64_t revision = kept->info.revision;
      const absl::StatusOr<RevisionPtr> open = project->At(revision);
      if (!open.ok() || (*open)->document->ContentHash() == kept->document->ContentHash()) continue;
      report.findings.push_back(
          voxel::StrCat("revision ", revision, ": the file and the memory differ"));
    }
  }

  Services& services_;
  CallContext& context_;
  std::deque<ProjectEntry> projects_;  // those to come
  std::deque<v1::VerifyResponse> items_;
};

class Restorer final : public ClientStream {
 public:
  Restorer(Services& services, CallContext& context)
      : services_(services), context_(context), upload_(services.limits.max_upload_bytes) {}

  absl::Status Accept(const google::protobuf::Message& message) override {
    const auto& part = static_cast<const v1::RestoreRequest&>(message);
    VOXEL_ASSIGN_OR_RETURN(const bool is_header,
                           upload_.Accept(part.has_header(), part.data(), part.last_part()));
    if (!is_header) return absl::OkStatus();
    header_ = part.header();
    return CheckId(header_.project(), "header.project");
  }

  absl::Status Finish(google::protobuf::Message* message) override {
    auto* response = static_cast<v1::RestoreResponse*>(message);
    VOXEL_RETURN_IF_ERROR(upload_.Finish(services_.roots, header_.path()));
    if (services_.archive == nullptr) return NotKept("");
    const auto install = [&](const std::string& uid) -> absl::Status {
      VOXEL_ASSIGN_OR_RETURN(
          const int64_t revision,
          services_.archive->Install(upload_.bytes(), header_.project(), uid, context_.Task()));
      response->set_revision(revision);
      return absl::OkStatus();
    };
    absl::StatusOr<std::string> uid =
        services_.registry->Adopt(header_.project(), header_.overwrite(), install, context_.ticket);
    if (!uid.ok()) {
      return voxel::FieldOf(uid.status()) == "project" ? voxel::InField("header", uid.status())
                                                       : uid.status();
    }
    response->set_project(header_.project());
    response->set_uid(*std::move(uid));
    response->set_bytes(static_cast<int64_t>(upload_.bytes().size()));
    return absl::OkStatus();
  }

 private:
  Services& services_;
  CallContext& context_;
  FileUpload upload_;
  v1::RestoreHeader header_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ServerStream>> AdminBackup(Services& services, CallContext& context,
                                                          const v1::BackupRequest& request) {
  VOXEL_ASSIGN_OR_RETURN(std::deque<ProjectEntry> projects,
                         KeptProjects(services, request.project()));
  return std::make_unique<BackupStream>(services.archive, context, std::move(projects),
                                        !request.project().empty());
}

absl::StatusOr<std::unique_ptr<ServerStream>> AdminVerify(Services& services, CallContext& context,
                                                          const v1::VerifyRequest& request) {
  VOXEL_ASSIGN_OR_RETURN(std::deque<ProjectEntry> projects,
                         KeptProjects(services, request.project()));
  return std::make_unique<VerifyStream>(services, context, std::move(projects));
}

absl::StatusOr<std::unique_ptr<ClientStream>> AdminRestore(Services& services,
                                                           CallContext& context) {
  return std::make_unique<Restorer>(services, context);
}

}  // namespace voxeld
