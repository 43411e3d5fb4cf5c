file: src/documents/verify/coverage.cc
find:   if (gap_begin != contents.begin || gap_end != contents.end) {
replace:   if (gap_begin > contents.begin || gap_end < contents.end) {
target: heqi_documents_verify_tests
