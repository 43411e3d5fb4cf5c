// Makes the contracts of examples/: whole files, with text in an embedded font.
#pragma once
#include <string>
#include <vector>

#include <heqi/documents/appearance/font.h>

namespace heqi::documents {

struct Contract {
  std::string title;
  std::vector<std::string> paragraphs;  // one that begins with '#' is a heading
  std::string footer;                   // before the page number
};

// lease is the contract of examples/lease.pdf.
Contract lease();

// write_contract lays it out on A4 pages. The last page keeps its lower third free for signatures.
base::Result<base::Bytes> write_contract(const appearance::Font& font, const Contract& contract);

}  // namespace heqi::documents
