// A weight matrix as indices into levels, with a scale for each group of elements.
#pragma once

#include <string>

#include "core/passes/weight_only/group_codes.h"

namespace halftone {

struct CodebookChoice {
  std::string levels = "kmeans";  // as the pass names them
  int bits = 4;
  bool book_per_channel = false;  // with kmeans only: levels for each row where it can be, no scales
  bool search = true;             // scales by least squares instead of the largest magnitude
  uint64_t seed = 0;
};

struct CodedWeight {
  std::vector<std::vector<float>> books;  // one, or one per row, of equal lengths
  std::vector<float> scale;               // by group; one: it serves all
  std::vector<uint8_t> codes;             // as the matrix
};

// Whether GatherElements can look up each row in a list of its own: the rows or the columns of one matrix.
bool reads_rows(const MatrixForm& form);

// As groups_of(), but for blocks: the longest that divide a row; channels where those are far shorter than asked for.
WeightGroups dividing_groups(const MatrixForm& form, Granularity granularity, int64_t block_size);

// groups: blocks divide the row.
CodedWeight code_weight(std::span<const float> matrix, const MatrixForm& form, const WeightGroups& groups,
                        const CodebookChoice& choice);

// What the codes stand for.
std::vector<float> real_matrix(const CodedWeight& coded, const MatrixForm& form, const WeightGroups& groups);

}  // namespace halftone
