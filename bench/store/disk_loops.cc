#include "bench/store/disk_loops.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

namespace voxeld::bench {
namespace {

constexpr size_t kPage = 4096;
constexpr int kMaxRows = 10'000;  // taken from the project file
// Until SQLite's log is as long as it gets, and is written from its beginning again: syncing a file
// that grows takes longer, and a project's log has long been through that, too.
constexpr int kCommitsBefore = 1100;

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "store_load: %s\n", what.c_str());
  std::exit(1);
}

class Database {
 public:
  Database(const std::string& path, int flags) {
    if (sqlite3_open_v2(path.c_str(), &db_, flags | SQLITE_OPEN_NOMUTEX, nullptr) != SQLITE_OK) {
      Fail(path + ": " + sqlite3_errmsg(db_));
    }
  }
  ~Database() { sqlite3_close_v2(db_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void Execute(const char* sql) { Check(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr)); }
  void Check(int code) {
    if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE) Fail(sqlite3_errmsg(db_));
  }
  sqlite3* get() const { return db_; }

 private:
  sqlite3* db_ = nullptr;
};

class Statement {
 public:
  Statement(Database& db, const char* sql) : db_(db) {
    db.Check(sqlite3_prepare_v3(db.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &made_, nullptr));
  }
  ~Statement() { sqlite3_finalize(made_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // True: a row is there.
  bool Step() {
    const int code = sqlite3_step(made_);
    db_.Check(code);
    return code == SQLITE_ROW;
  }
  void Run() {
    while (Step()) continue;
    sqlite3_reset(made_);
  }
  sqlite3_stmt* get() const { return made_; }

 private:
  Database& db_;
  sqlite3_stmt* made_ = nullptr;
};

std::vector<std::string> RevisionsOf(const std::string& project_file) {
  Database db(project_file, SQLITE_OPEN_READWRITE);
  Statement rows(db, "SELECT change FROM revisions WHERE parts = 0 ORDER BY revision DESC");
  std::vector<std::string> changes;
  while (static_cast<int>(changes.size()) < kMaxRows && rows.Step()) {
    changes.emplace_back(static_cast<const char*>(sqlite3_column_blob(rows.get(), 0)),
                         static_cast<size_t>(sqlite3_column_bytes(rows.get(), 0)));
  }
  if (changes.empty()) Fail(project_file + " has no revisions to insert");
  return changes;
}

Clock::time_point After(double seconds) {
  return Clock::now() +
         std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

void RemoveDatabase(const std::string& path) {
  for (const char* end : {"", "-wal", "-shm"}) unlink((path + end).c_str());
}

}  // namespace

Latencies FsyncLoop(const std::string& dir, double seconds) {
  const std::string path = dir + "/fsync.bench";
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) Fail("cannot write " + path);
  const std::string page(kPage, 'x');
  Latencies latencies;
  off_t end = 0;
  const auto last = After(seconds);
  for (auto start = Clock::now(); start < last;) {
    if (pwrite(file, page.data(), page.size(), end) != ssize_t{kPage} || fdatasync(file) != 0) {
      Fail("cannot write " + path);
    }
    end += off_t{kPage};
    const auto now = Clock::now();
    latencies.Add(now - start);
    start = now;
  }
  close(file);
  unlink(path.c_str());
  return latencies;
}

Latencies SqliteLoop(const std::string& dir, const std::string& project_file, int group,
                     double seconds) {
  const std::vector<std::string> changes = RevisionsOf(project_file);
  const std::string path = dir + "/bare.bench";
  RemoveDatabase(path);
  Latencies latencies;
  {
    Database db(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    db.Execute(
        "PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;"
        "PRAGMA synchronous = FULL; PRAGMA cache_size = -512; PRAGMA temp_store = MEMORY;"
        "CREATE TABLE revisions(revision INTEGER PRIMARY KEY, parts INTEGER NOT NULL,"
        " change BLOB NOT NULL)");
    Statement begin(db, "BEGIN IMMEDIATE");
    Statement put(db, "INSERT INTO revisions VALUES(?, 0, ?)");
    Statement commit(db, "COMMIT");
    int64_t revision = 0;
    const auto insert = [&] {
      begin.Run();
      for (int i = 0; i < group; ++i) {
        const std::string& change = changes[static_cast<size_t>(++revision) % changes.size()];
        sqlite3_bind_int64(put.get(), 1, revision);
        sqlite3_bind_blob64(put.get(), 2, change.data(), change.size(), SQLITE_STATIC);
        put.Run();
      }
      commit.Run();
    };
    for (int i = 0; i < kCommitsBefore; ++i) insert();
    const auto last = After(seconds);
    for (auto start = Clock::now(); start < last;) {
      insert();
      const auto now = Clock::now();
      latencies.Add(now - start);
      start = now;
    }
  }
  RemoveDatabase(path);
  return latencies;
}

}  // namespace voxeld::bench
