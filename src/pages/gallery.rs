//! Every page with typical, empty, wrong and hostile content: what all of them must keep.
