// Feeds files to a fuzz target without libFuzzer, so that every build, the sanitizers' too, runs
// the seeds as a test.
//
// Usage: TARGET FILE_OR_FOLDER...   Exits with 1 if there is nothing to feed: an empty corpus
//                               proves nothing.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

int Feed(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(in),
                                std::istreambuf_iterator<char>()};
  // libFuzzer's inputs end where their heap block ends, and so must these: ASan then sees every
  // read past the end.
  const std::vector<uint8_t> input(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(input.data(), input.size());
  return 1;
}

int FeedAll(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path))
    return std::filesystem::is_regular_file(path) ? Feed(path) : 0;
  int fed = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) fed += Feed(entry.path());
  }
  return fed;
}

}  // namespace

int main(int argc, char** argv) {
  int fed = 0;
  for (int i = 1; i < argc; ++i) fed += FeedAll(argv[i]);
  std::printf("%d inputs\n", fed);
  return fed > 0 ? 0 : 1;
}
