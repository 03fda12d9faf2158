use super::Shape;

const SHAPE: Shape = Shape { separator: b',', cells: 4, external_id: 0, amount: 2 };

#[test]
fn the_cells_of_other_rows_are_recognised_in_every_column() {
    for (position, text) in [
        (3, "Paket A\nINV-2,Sari,2000,Paket B"),
        (3, "Paket A\r\nINV-2,Sari,2000,Paket B\r\nINV-3,Ani,3000,Paket C"),
        (3, "Paket A\n\n\"INV-2\",\"Sari\",\"2000\",Paket B"),
        (1, "Budi,1000,Paket A\nINV-2,Sari"),
        (1, "Budi,1000,Paket A\nINV-2,Sari,2000,Paket B\nINV-3,"),
        (1, "x\nINV-2,Sari,\"1.000,5\",y\nz"),
    ] {
        assert!(SHAPE.has_swallowed(position, text.as_bytes()), "{position} {text:?}");
    }
}

#[test]
fn text_over_several_lines_is_text() {
    for (position, text) in [
        (3, "Jl. Sudirman 1, Blok B,\nJakarta, Indonesia, 12345"),
        (3, "one line, with, 3, separators"),
        (1, "Budi\nSari"),
        (3, "Internet\nTV\ntelepon\n"),
        (3, "\n"),
        (3, ""),
    ] {
        assert!(!SHAPE.has_swallowed(position, text.as_bytes()), "{position} {text:?}");
    }
}
