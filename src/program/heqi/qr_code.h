// qr_code.h: QR codes (ISO/IEC 18004) for the terminal, by libqrencode; its header is seen nowhere
// else.
#pragma once
#include <string>

#include <heqi/base/result.h>

namespace heqi::program {

// qr_text is text as a code of block characters, two rows of modules in a line, with the quiet zone
// around it: dark modules stay dark on a light and on a dark terminal. Fails with limit_exceeded
// where text is too long for a code.
base::Result<std::string> qr_text(const std::string& text);

}  // namespace heqi::program
