#include "clients/api/api_bytes.h"

// The assembler puts the file into the program; C++ has no #embed yet.
asm(R"(
  .section .rodata
  .balign 16
  .global voxeld_api_begin
  voxeld_api_begin:
  .incbin ")" VOXELD_API_FILE R"("
  .global voxeld_api_end
  voxeld_api_end:
  .byte 0
  .text
)");

extern "C" {
extern const char voxeld_api_begin[];
extern const char voxeld_api_end[];
}

namespace voxapi {

std::string_view ApiBytes() {
  return {voxeld_api_begin, static_cast<size_t>(voxeld_api_end - voxeld_api_begin)};
}

}  // namespace voxapi
