// Children that two versions of a node, or of a root, have in common, counted once. Private to
// voxel/grid; see docs/decisions/0041.
//
// Loans:     a copy that an edit changes little need not count up all the children, nor what it
//            replaces count them down: it borrows those that both have. Lender and borrower know
//            each other; one lends to one copy at a time, which may lend to the next. Whoever of a
//            chain ends first leaves it: what it holds and its borrower does not passes to that
//            one, uncounted, and the rest is dropped. So a child is held as long as anybody of the
//            chain from its holder on borrows it, and nobody outlives its own references.
// Threading: every call from any thread; loans change under a lock that the whole chain shares.
#pragma once

#include <cstddef>
#include <cstdint>

namespace voxel::internal {

inline constexpr size_t kMostLent = 64;  // children of one lender, or parts of them

class Loan {
 public:
  // Of what is at that address: which lock a chain that begins there is under. Holds everything.
  explicit Loan(const void* owner);
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;

  // Borrows all but the children of `changed` from the lender, whose children lie at the same
  // places. False, with nothing done, if it has lent them already. REQUIRES: this one is fresh; the
  // caller holds a reference to the lender's owner.
  bool Borrow(Loan& lender, uint64_t changed);
  // Leaves the chain; returns the children whose references are to be dropped. Fresh afterwards.
  // REQUIRES: nobody refers to the owner any more.
  uint64_t Leave();

 private:
  uint64_t held_ = ~uint64_t{0};  // children whose references are its own; the others the lender's
  Loan* lender_ = nullptr;
  Loan* borrower_ = nullptr;
  uint32_t chain_;  // which lock; the same for lender and borrower
};

}  // namespace voxel::internal
