#include "voxel/base/ref_ptr.h"

#include <utility>

#include "gtest/gtest.h"

namespace voxel {
namespace {

struct Counted : RefCounted<Counted> {
  explicit Counted(int* live) : live_(live) { ++*live_; }
  Counted(const Counted& other) : RefCounted(other), live_(other.live_) { ++*live_; }
  ~Counted() { --*live_; }
  int* live_;
};

TEST(RefPtrTest, TheLastOwnerDeletes) {
  int live = 0;
  RefPtr<Counted> a = MakeRef<Counted>(&live);
  RefPtr<Counted> b = a;
  a = nullptr;
  EXPECT_EQ(live, 1);
  b = nullptr;
  EXPECT_EQ(live, 0);
}

TEST(RefPtrTest, MovingTakesTheReference) {
  int live = 0;
  RefPtr<Counted> a = MakeRef<Counted>(&live);
  RefPtr<Counted> b = std::move(a);
  EXPECT_FALSE(a);
  EXPECT_TRUE(b);
  RefPtr<Counted>& self = b;
  b = std::move(self);
  EXPECT_TRUE(b);
  EXPECT_EQ(live, 1);
}

TEST(RefPtrTest, ReleaseAndAdoptPassAReferenceOn) {
  int live = 0;
  Counted* raw = MakeRef<Counted>(&live).release();
  EXPECT_EQ(live, 1);
  RefPtr<Counted> shared = RefPtr<Counted>::Share(raw);
  RefPtr<Counted>::Adopt(raw);
  EXPECT_EQ(live, 1);
  shared = nullptr;
  EXPECT_EQ(live, 0);
}

TEST(RefPtrTest, ACopiedObjectStartsWithOneReference) {
  int live = 0;
  RefPtr<Counted> a = MakeRef<Counted>(&live);
  RefPtr<Counted> twin = a;
  RefPtr<Counted> copy = MakeRef<Counted>(*a);
  EXPECT_EQ(live, 2);
  copy = nullptr;
  EXPECT_EQ(live, 1);
}

}  // namespace
}  // namespace voxel
