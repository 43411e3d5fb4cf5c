// corpus.cc: where the kept seeds of this program's target are.
namespace heqi {

extern const char* const kCorpus = HEQI_CORPUS;

}  // namespace heqi
