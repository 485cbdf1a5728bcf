// Files that break the format: each is refused with what is wrong and where, quickly and without
// taking memory.

#include <gmock/gmock.h>
#include <time.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "tests/voxel/formats/vox_testing.h"
#include "voxel/base/error.h"
#include "voxel/base/str_cat.h"
#include "voxel/formats/builtin_formats.h"

namespace voxel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

double CpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// A line of /proc/self/status in KiB.
int64_t StatusKib(const std::string& key) {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    int64_t value = 0;
    if (word == key && status >> value) return value;
  }
  return 0;
}

bool ResetPeakMemory() {
  std::ofstream refs("/proc/self/clear_refs");
  refs << "5" << std::flush;
  return static_cast<bool>(refs);
}

// Reads `bytes` and checks the two bounds of the whole reader.
absl::Status ReadBounded(std::string_view bytes) {
  const bool measured = ResetPeakMemory();
  const int64_t before = StatusKib("VmRSS:");
  const double start = CpuSeconds();
  const absl::Status status = MakeVoxFormat()->Read(bytes, {}, {}).status();
  EXPECT_LT(CpuSeconds() - start, 1.0);
  if (measured && !kSanitized) {
    EXPECT_LT(StatusKib("VmHWM:") - before, 100 * 1024);
  }
  return status;
}

struct BadFile {
  const char* name;
  const char* message;  // a part of it
};

class VoxBadTest : public ::testing::TestWithParam<BadFile> {};

TEST_P(VoxBadTest, IsRefusedWithPartAndPlace) {
  const absl::Status status = ReadBounded(TestFile(StrCat("bad/", GetParam().name, ".vox")));
  EXPECT_EQ(ReasonOf(status), "FORMAT_CORRUPT") << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Files, VoxBadTest,
    ::testing::Values(
        BadFile{"bad_magic", "file header at byte 0: begins with \"VOXX\""},
        BadFile{"bad_rotation", "_r \"15\" is not one of the 48"},
        BadFile{"crlf_stripped", "MAIN at byte 8: says"},
        BadFile{"dict_len_overrun", "nTRN at byte"},
        BadFile{"empty", "file header at byte 0: needs 20 bytes, the file has 0"},
        BadFile{"graph_cycle", "a cycle in the scene graph"},
        BadFile{"graph_missing_node", "child node 77 does not exist"},
        BadFile{"graph_shape_missing_model", "model 9 at byte"},
        BadFile{"main_size_wrong", "MAIN at byte 8: says 5"},
        BadFile{"node_id_huge", "node id 2000000000 is outside"},
        BadFile{"size_257", "SIZE at byte 20: side 257"},
        BadFile{"size_huge", "SIZE at byte 20: side 2147483647"},
        BadFile{"size_zero", "SIZE at byte 20: side 0"},
        BadFile{"truncated_half", "MAIN at byte 8: says"},
        BadFile{"truncated_header", "the file has 6"},
        BadFile{"voxel_out_of_range", "outside the model of 2 x 2 x 2"},
        BadFile{"xyzi_count_huge",
                "XYZI at byte 44: number of voxels at byte 56 says 4294967295, 52 bytes left"},
        BadFile{"xyzi_count_neg_chunk", "XYZI at byte 44: says 4294967280 bytes of content"},
        BadFile{"xyzi_without_size", "XYZI at byte 20: no SIZE comes before it"}),
    [](const auto& bad) { return std::string(bad.param.name); });

TEST(VoxBadTest, RepeatedVoxelIsReadWithAWarning) {
  const ImportedFile file = MustRead(TestFile("bad/duplicate_voxels.vox"));
  EXPECT_EQ(file.document->CountVoxels(), 13);
  EXPECT_THAT(file.warnings, ElementsAre(HasSubstr("1 voxels repeat the place of another")));
  // The corner comes first with index 1 and last with 99.
  EXPECT_EQ(file.document->layers[0]->volume.Get({0, 0, 0}),
            file.document->palette->entries[98].color);
}

TEST(VoxBadTest, OfVoxelsInOnePlaceTheLastCountsEvenIfItIsAir) {
  // Entries 1 and 2 have the same colour, so that indices are kept beside it.
  const std::string bytes =
      VoxFileBuilder()
          .Model(
              {3, 1, 1},
              {{0, 0, 0, 1}, {1, 0, 0, 3}, {2, 0, 0, 0}, {0, 0, 0, 2}, {1, 0, 0, 0}, {2, 0, 0, 3}})
          .Colors({0x102030FF, 0x102030FF, 0x405060FF})
          .Build();
  const ImportedFile file = MustRead(bytes);
  const Volume& volume = file.document->layers[0]->volume;
  EXPECT_EQ(volume.Get({0, 0, 0}), 0x102030FFu);
  EXPECT_EQ(volume.Get({1, 0, 0}), kAir);
  EXPECT_EQ(volume.Get({2, 0, 0}), 0x405060FFu);
  const std::string_view written("\x02\0\0\0\0\0\0\x02\x02\0\0\x03", 12);
  EXPECT_NE(Bytes(*file.document).find(written), std::string::npos);
}

TEST(VoxBadTest, IndexZeroIsReadAsAirWithAWarning) {
  const ImportedFile file = MustRead(TestFile("bad/index0_voxel.vox"));
  EXPECT_EQ(file.document->CountVoxels(), 13);
  EXPECT_THAT(file.warnings, ElementsAre(HasSubstr("1 voxels have colour index 0, which is air")));
}

TEST(VoxBadTest, DeepNestingIsRefused) {
  VoxFileBuilder builder;
  builder.Model({1, 1, 1}, {{0, 0, 0, 1}});
  for (int i = 0; i < 20000; ++i) builder.Transform(2 * i, 2 * i + 1).Group(2 * i + 1, {2 * i + 2});
  builder.Transform(40000, 40001).Shape(40001, 0);
  const absl::Status status = ReadBounded(builder.Build());
  EXPECT_EQ(ReasonOf(status), "FORMAT_CORRUPT");
  EXPECT_THAT(std::string(status.message()), HasSubstr("nested deeper than 128 nodes"));
}

TEST(VoxBadTest, OffsetsThatAddUpBeyondTheWorldAreRefused) {
  VoxFileBuilder builder;
  builder.Model({1, 1, 1}, {{0, 0, 0, 1}}).Transform(0, 1);
  for (int i = 0; i < 4; ++i)
    builder.Group(2 * i + 1, {2 * i + 2})
        .Transform(2 * i + 2, 2 * i + 3, {}, {{"_t", "536870912 0 0"}});
  builder.Shape(9, 0);
  const absl::Status status = ReadBounded(builder.Build());
  EXPECT_EQ(ReasonOf(status), "FORMAT_CORRUPT");
  EXPECT_THAT(std::string(status.message()), HasSubstr("add up to more than"));
}

TEST(VoxBadTest, EveryTruncationIsRefused) {
  for (const char* name : {"nested_dag.vox", "imap_notes_matl.vox"}) {
    const std::string bytes = TestFile(name);
    for (size_t size = 0; size < bytes.size(); ++size) {
      // A copy of just that size, so that a sanitizer sees every read past the end.
      const std::string cut(bytes, 0, size);
      EXPECT_EQ(ReasonOf(MakeVoxFormat()->Read(cut, {}, {}).status()), "FORMAT_CORRUPT")
          << name << " " << size;
    }
  }
}

// Whatever a byte is changed to, the file is refused or read, and what was read can be written.
TEST(VoxBadTest, NoChangedByteBreaksTheReaderOrTheWriter) {
  const std::string bytes = TestFile("nested_dag.vox");
  int read = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (const char value : {'\0', '\x01', '\x7F', '\xFF'}) {
      std::string changed = bytes;
      changed[i] = value;
      const auto file = MakeVoxFormat()->Read(changed, {}, {});
      if (!file.ok()) continue;
      ++read;
      EXPECT_TRUE(MakeVoxFormat()->Write(*file->document, {}, {}).ok()) << i << " " << int{value};
    }
  }
  EXPECT_GT(read, 1000);  // most bytes are colours and coordinates
}

}  // namespace
}  // namespace voxel
