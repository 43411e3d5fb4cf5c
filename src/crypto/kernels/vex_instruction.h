// vex_instruction.h: instructions that the assemblers of g++ 12 and clang 14 do not know, as octets
// (Intel SDM volume 2, §2.3.5: the three-octet VEX prefix, registers only). The compiler chooses
// the registers; the assembler finds their numbers in their names.
#pragma once

#define HEQI_REGISTER_NUMBER(NAME, OPERAND)                                                 \
  ".set " NAME                                                                              \
  ",-1\n\t"                                                                                 \
  ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n\t.ifc " OPERAND ",%%xmm\\n\n\t.set " NAME \
  ",\\n\n\t.endif\n\t.endr\n\t"                                                             \
  ".if " NAME " < 0\n\t.error \"no register of the VEX prefix\"\n\t.endif\n\t"

// HEQI_VEX is OPCODE with %0 as ModRM:reg, %1 as VEX.vvvv and %2 as ModRM:r/m. MAP is 2 (0F38) or 3
// (0F3A), PREFIX 0 (none), 1 (66), 2 (F3) or 3 (F2), WIDE 0 (128 bits) or 1 (256 bits). All is in
// parentheses: the assemblers do not agree on which operator binds first.
#define HEQI_VEX(MAP, PREFIX, WIDE, OPCODE)                          \
  HEQI_REGISTER_NUMBER(".Lheqi_reg", "%x0")                          \
  HEQI_REGISTER_NUMBER(".Lheqi_vvvv", "%x1")                         \
  HEQI_REGISTER_NUMBER(".Lheqi_rm", "%x2")                           \
  ".byte 0xC4\n\t"                                                   \
  ".byte (((.Lheqi_reg>>3)^1)<<7)+0x40+(((.Lheqi_rm>>3)^1)<<5)+" MAP \
  "\n\t"                                                             \
  ".byte ((.Lheqi_vvvv^15)<<3)+(" WIDE "<<2)+" PREFIX                \
  "\n\t"                                                             \
  ".byte " OPCODE                                                    \
  "\n\t"                                                             \
  ".byte 0xC0+((.Lheqi_reg&7)<<3)+(.Lheqi_rm&7)\n\t"
