//! Registers at their edges, by seeds.

use super::read::{Made, YEAR};

/// Numbers without end, the same for the same seed (xorshift).
pub struct Dice(u64);

impl Dice {
    pub fn throw(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    pub fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.throw(of.len())]
    }
}

/// Amounts in yuan at the edges of classes, of large contracts, of half a 万元 or 亿元 as printed, and small ones.
const EDGES: [i64; 15] = [
    0,
    1,
    99,
    9_999,
    10_000,
    123_500,
    500_000,
    999_999,
    1_000_000,
    4_999_999,
    5_000_000,
    5_000_001,
    50_000_000,
    100_000_000,
    100_000_001,
];

/// A register of several years in which something is at its edge, the same for the same seed.
pub fn register_of(seed: u64) -> Vec<Made> {
    made(&mut Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1))
}

fn made(dice: &mut Dice) -> Vec<Made> {
    let units = dice.one(&[1, 1, 2, 3, 4, 5, 9, 17, 18]);
    let base = dice.one(&EDGES);
    let shape = dice.throw(8);
    let years = dice.one(&[1, 2, 2, 5]);
    let per_unit = dice.one(&[1, 1, 2, 3]);
    let mut contracts = Vec::new();
    for unit in 0..units {
        for back in 0..years {
            let year = YEAR - back;
            let now = match shape {
                // All the same, each year.
                0 => base,
                // All fall, or grow, by the same part.
                1 => base * (100 + 60 * i64::from(back)) / 100,
                2 => base * 160 / (100 + 60 * i64::from(back)),
                // By next to nothing.
                3 => 100_000_000 + i64::from(back),
                // One stands out.
                4 if unit == 0 => base * 2,
                // Some have nothing this year, or nothing before.
                5 if (unit % 2 == 0) == (back == 0) => 0,
                6 if back > 0 => 0,
                7 => base + dice.one(&EDGES) / (1 + i64::from(back)),
                _ => base,
            };
            for index in 0..per_unit {
                let kinds = dice.one(&[1, 2, 5]);
                if now > 0 {
                    contracts.push(Made {
                        year,
                        unit,
                        contract_type: (unit + index) % kinds,
                        plan_source: dice.one(&[0, 4]),
                        seller: dice.one(&[0, 1, 2, 12]),
                        field: unit % kinds,
                        flow: (unit + index) % 3,
                        is_import: index == 2 && unit % 3 == 0,
                        yuan: now,
                    });
                }
            }
        }
    }
    contracts
}
