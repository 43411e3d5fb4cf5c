// commands.h: the sub-commands of heqi. Each takes the arguments after its name and returns the
// exit code: 0 done, 1 refused or invalid, 2 wrong arguments or unreadable.
#pragma once
#include <span>
#include <string_view>

namespace heqi::program {

using CommandLine = std::span<const std::string_view>;

int run_device(CommandLine arguments);     // a person's terminal, beside heqi-device
int run_verify(CommandLine arguments);     // signed documents
int run_sign(CommandLine arguments);       // PDF files, or signatures beside files
int run_pdf(CommandLine arguments);        // what is in a PDF; signatures in two phases
int run_seal(CommandLine arguments);       // seals: made, shown, withdrawn
int run_ofd(CommandLine arguments);        // OFD twins of PDF files
int run_watermark(CommandLine arguments);  // marks against counterfeits
int run_render(CommandLine arguments);     // pages of an OFD or PDF as pictures
int run_evidence(CommandLine arguments);   // evidence packages of contracts
int run_documents(CommandLine arguments);  // the document services over HTTP
int run_ca(CommandLine arguments);         // a certificate authority in a folder
int run_selfcheck(CommandLine arguments);  // what works here and what does not

}  // namespace heqi::program
