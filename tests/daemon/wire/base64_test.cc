#include "daemon/wire/base64.h"

#include <gtest/gtest.h>

namespace voxeld {
namespace {

std::string Encode(std::string_view bytes) {
  std::string out;
  AppendBase64(bytes, &out);
  return out;
}

// What `text` decodes to; "refused" if it does not.
std::string Decode(std::string_view text) {
  std::string out = "left over";
  return ParseBase64(text, &out) ? out : "refused";
}

TEST(Base64Test, GivesTheVectorsOfRfc4648) {
  const std::pair<std::string, std::string> kVectors[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
  };
  for (const auto& [bytes, text] : kVectors) {
    EXPECT_EQ(Encode(bytes), text);
    EXPECT_EQ(Decode(text), bytes);
  }
}

TEST(Base64Test, AppendsBehindWhatIsThere) {
  std::string out = "x=";
  AppendBase64("foob", &out);
  EXPECT_EQ(out, "x=Zm9vYg==");
}

TEST(Base64Test, ReadsEveryByteBack) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  for (size_t length = 0; length <= bytes.size(); ++length) {
    const std::string part = bytes.substr(bytes.size() - length);
    EXPECT_EQ(Decode(Encode(part)), part);
  }
}

TEST(Base64Test, ReadsTheUrlAlphabetAndNoPadding) {
  EXPECT_EQ(Decode("-_-_"), Decode("+/+/"));
  EXPECT_EQ(Decode("Zg"), "f");
  EXPECT_EQ(Decode("Zm8"), "fo");
}

TEST(Base64Test, RefusesWhatIsNotBase64) {
  for (const char* text : {"Z", "Zg=", "Z===", "====", "Zm9v====", "Zm 9v", "Zm9v\n", "Zm9*",
                           "Zm=v", "/_-_", "+A-A"}) {
    EXPECT_EQ(Decode(text), "refused") << text;
  }
}

TEST(Base64Test, RefusesBitsThatWouldBeLost) {
  EXPECT_EQ(Decode("Zh=="), "refused");
  EXPECT_EQ(Decode("Zm9"), "refused");
}

}  // namespace
}  // namespace voxeld
