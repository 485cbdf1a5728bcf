#include "clients/cli/archive_commands.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <cinttypes>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "clients/cli/files.h"
#include "clients/cli/message_fields.h"
#include "google/protobuf/message.h"

namespace voxctl {
namespace {

using google::protobuf::Message;
using Json = nlohmann::json;

int Fail(const Session& session, const std::string& problem) {
  PrintFailure(session.format(), {.code = "FAILED", .reason = {}, .field = {}, .message = problem});
  return 1;
}

// Writes the files of a backup as they come, each under another name until it is whole and on the
// disk.
class BackupWriter {
 public:
  BackupWriter(Format format, std::string folder, bool force)
      : format_(format), folder_(std::move(folder)), force_(force) {}
  ~BackupWriter() { Drop(); }
  BackupWriter(const BackupWriter&) = delete;
  BackupWriter& operator=(const BackupWriter&) = delete;

  const std::string& problem() const { return problem_; }
  bool left_out() const { return left_out_; }

  // False, and problem() says why, if the disk refuses.
  bool Take(const Message& part) {
    if (const std::string warning = StringField(part, "warning"); !warning.empty()) {
      std::fprintf(stderr, "voxctl: %s is not in the backup: %s\n",
                   StringField(part, "project").c_str(), warning.c_str());
      left_out_ = true;
      return true;
    }
    if (file_ == nullptr && !Begin(StringField(part, "file"))) return false;
    const std::string data = StringField(part, "data");
    if (fwrite(data.data(), 1, data.size(), file_) != data.size()) return Broken(temporary_);
    return !BoolField(part, "last_part") || End(part);
  }

 private:
  bool Begin(const std::string& name) {
    if (name.empty() || name.find('/') != std::string::npos) {
      problem_ = "the daemon names a file \"" + name + "\"";
      return false;
    }
    path_ = folder_ + "/" + name;
    temporary_ = folder_ + "/." + name + "." + std::to_string(getpid()) + ".part";
    file_ = fopen(temporary_.c_str(), "wbe");
    return file_ != nullptr || Broken(temporary_);
  }

  bool End(const Message& part) {
    if (fflush(file_) != 0 || fsync(fileno(file_)) != 0) return Broken(temporary_);
    if (fclose(std::exchange(file_, nullptr)) != 0) return Broken(temporary_);
    const unsigned flags = force_ ? 0 : RENAME_NOREPLACE;
    if (renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), flags) != 0) {
      if (errno != EEXIST) return Broken(path_);
      problem_ = path_ + " exists; --force replaces it";
      return false;
    }
    temporary_.clear();
    PrintFile(format_, path_, Int64Field(part, "bytes"), Int64Field(part, "revision"));
    return true;
  }

  bool Broken(const std::string& path) {
    problem_ = path + ": " + std::generic_category().message(errno);
    return false;
  }

  void Drop() {
    if (file_ != nullptr) fclose(file_);
    if (!temporary_.empty()) unlink(temporary_.c_str());
  }

  const Format format_;
  const std::string folder_;
  const bool force_;
  std::string path_, temporary_;
  FILE* file_ = nullptr;
  std::string problem_;
  bool left_out_ = false;
};

int Backup(Session& session, const std::string& folder, const std::string& project, bool force) {
  const std::string projects = folder + "/projects";
  std::error_code error;
  std::filesystem::create_directories(projects, error);
  if (error) return Fail(session, projects + ": " + error.message());
  BackupWriter writer(session.format(), projects, force);
  const int code = session.Call("admin.backup", {{"project", project}},
                                [&](const Message& part) { return writer.Take(part); });
  if (!writer.problem().empty()) return Fail(session, writer.problem());
  if (code != 0) return code;
  return writer.left_out() ? 1 : 0;
}

void PrintChecked(const Message& part) {
  const std::string project = StringField(part, "project");
  if (const std::string finding = StringField(part, "finding"); !finding.empty()) {
    std::printf("%s: %s: %s\n", project.c_str(), StringField(part, "file").c_str(),
                finding.c_str());
  } else if (BoolField(part, "sound")) {
    std::printf("%s: sound: %" PRId64 " revisions, up to %" PRId64 "; %" PRId64 " bytes of blobs\n",
                project.c_str(), Int64Field(part, "revisions"), Int64Field(part, "revision"),
                Int64Field(part, "bytes"));
  } else {
    std::printf("%s: DAMAGED\n", project.c_str());
  }
}

int Verify(Session& session, const std::string& project) {
  bool sound = true;
  const int code = session.Call("admin.verify", {{"project", project}}, [&](const Message& part) {
    const bool is_verdict = StringField(part, "finding").empty();
    sound = sound && (!is_verdict || BoolField(part, "sound"));
    if (session.format() == Format::kJson) {
      Print(session.format(), part);
    } else {
      PrintChecked(part);
    }
    return true;
  });
  return code == 0 && !sound ? 1 : code;
}

}  // namespace

void AddArchiveCommands(CLI::App* app, const char* topic, Run* chosen) {
  struct Options {
    std::string path, project;
    bool force = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* backup =
      app->add_subcommand("backup",
                          "Copy projects' files while editing goes on: voxctl backup monday")
          ->group(topic);
  backup
      ->add_option("folder", options->path,
                   "where to, made if it is not there; voxeld --data-dir takes it as it is")
      ->type_name("DIR")
      ->required();
  backup->add_option("--project", options->project, "only this one")->type_name("PROJECT");
  backup->add_flag("--force", options->force, "replace files");
  backup->callback([options, chosen] {
    *chosen = [options](Session& session) {
      return Backup(session, options->path, options->project, options->force);
    };
  });

  CLI::App* restore =
      app->add_subcommand("restore",
                          "Make a project of a backup's file: voxctl restore castle FILE")
          ->group(topic);
  restore->add_option("project", options->project, "the project to make")
      ->type_name("PROJECT")
      ->required();
  restore->add_option("file", options->path, "the file to send")->type_name("FILE")->required();
  restore->add_flag("--overwrite", options->force, "the project may exist: it is removed");
  restore->callback([options, chosen] {
    *chosen = [options](Session& session) {
      const Json header = {{"project", options->project}, {"overwrite", options->force}};
      return SendFile(session, "admin.restore", header, options->path);
    };
  });

  CLI::App* verify =
      app->add_subcommand("verify",
                          "Check projects' files; 1 if something is wrong: voxctl verify castle")
          ->group(topic);
  verify->add_option("project", options->project, "only this one; without it all")
      ->type_name("PROJECT");
  verify->callback([options, chosen] {
    *chosen = [options](Session& session) { return Verify(session, options->project); };
  });
}

}  // namespace voxctl
