#include "daemon/net/unix_socket.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace voxeld {
namespace {

using testing::HasSubstr;

class UnixSocketTest : public testing::Test {
 protected:
  UnixSocketTest() {
    char name[] = "/tmp/voxeld-XXXXXX";
    dir_ = mkdtemp(name);
    path_ = dir_ + "/s";
  }
  ~UnixSocketTest() override { std::filesystem::remove_all(dir_); }

  std::string ErrorOf(const std::string& path) {
    const auto socket = UnixSocket::Open(path);
    return socket.ok() ? "" : std::string(socket.status().message());
  }

  std::string dir_, path_;
};

TEST_F(UnixSocketTest, ASecondOpenerIsRefusedUntilTheFirstIsGone) {
  auto first = UnixSocket::Open(path_);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(ErrorOf(path_),
            "process " + std::to_string(getpid()) + " serves " + path_ + " already");
  first->reset();
  EXPECT_EQ(ErrorOf(path_), "");
}

TEST_F(UnixSocketTest, LeavesNothingBehind) {
  ASSERT_TRUE(UnixSocket::Open(path_).ok());
  EXPECT_TRUE(std::filesystem::is_empty(dir_));
}

TEST_F(UnixSocketTest, MakesItsDirectoryForTheUserOnly) {
  const std::string path = dir_ + "/new/s";
  const auto socket = UnixSocket::Open(path);
  ASSERT_TRUE(socket.ok()) << socket.status();
  struct stat found;
  ASSERT_EQ(stat((dir_ + "/new").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0700u);
  ASSERT_EQ(stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST_F(UnixSocketTest, LongPathsAreRefusedWithTheirLength) {
  EXPECT_THAT(ErrorOf(dir_ + "/" + std::string(200, 'x')),
              HasSubstr("has 219 bytes; the system allows 107"));
  EXPECT_THAT(ErrorOf(""), HasSubstr("empty"));
}

TEST_F(UnixSocketTest, DoesNotRemoveASocketThatReplacedItsOwn) {
  auto socket = UnixSocket::Open(path_);
  ASSERT_TRUE(socket.ok());
  std::filesystem::remove(path_);
  std::ofstream(path_) << "another's";
  (*socket)->Close();
  EXPECT_TRUE(std::filesystem::exists(path_));
}

// As after kill -9 of a daemon on io_uring.
TEST_F(UnixSocketTest, TakesOverASocketThatOutlivesTheProcessThatServedIt) {
  const UniqueFd kept(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path_.copy(address.sun_path, sizeof address.sun_path - 1);
  const pid_t child = fork();
  if (child == 0) {
    const auto* const at = reinterpret_cast<const sockaddr*>(&address);
    const bool served = bind(kept.get(), at, sizeof address) == 0 && listen(kept.get(), 1) == 0;
    _exit(served ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  EXPECT_EQ(ErrorOf(path_), "");
}

TEST_F(UnixSocketTest, DoesNotRemoveWhatIsNoSocket) {
  std::ofstream(path_) << "mine";
  EXPECT_THAT(ErrorOf(path_), HasSubstr("is not a socket"));
  EXPECT_TRUE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace voxeld
