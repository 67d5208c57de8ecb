//! Where the words of a doughnut stand: beside it, left and right, in the order of its parts, never over each other, never cut off.

use std::fmt::Write as _;

use super::{
    chart::{FONT_SIZE, INK, WIDTH},
    report_html::escaped,
};

/// One part of the whole.
pub(super) struct Part {
    /// Its name and value.
    pub text: String,
    /// Width of that.
    pub width: f32,
    /// Its share, in any unit; above 0.
    pub size: f32,
}

/// Size of the ring and of the drawing.
pub(super) struct Ring {
    /// Outer radius.
    pub radius: f32,
    /// Height of the drawing.
    pub height: f32,
    /// Size of the words, smaller where they are very long.
    font: f32,
}

/// From the ring to the bend of a line, from there to the words.
const BEND: f32 = 14.0;
const LEAD: f32 = 22.0;
const EDGE: f32 = 6.0;
/// Distance of lines of words.
const PITCH: f32 = 21.0;

impl Ring {
    /// As large as the words beside it allow.
    pub fn around(parts: &[Part]) -> Self {
        let widest = parts.iter().map(|part| part.width).fold(1.0, f32::max);
        let room = WIDTH / 2.0 - BEND - LEAD - EDGE;
        let radius = (room - widest).clamp(70.0, 122.0);
        #[expect(clippy::cast_precision_loss, reason = "a few dozen at most")]
        let lines = parts.len() as f32;
        Self {
            radius,
            // All could stand on one side.
            height: (radius * 2.0 + 60.0).max(lines * PITCH + 30.0),
            font: FONT_SIZE * ((room - radius) / widest).min(1.0),
        }
    }

    /// The words, each at the end of a line that leads to its part.
    pub fn names(&self, parts: &[Part], family: &str) -> String {
        let sum: f32 = parts.iter().map(|part| part.size).sum();
        let mut out = format!(
            "<g font-family=\"{}\" font-size=\"{:.1}\" fill=\"{INK}\" stroke-width=\"1\">",
            escaped(family),
            self.font
        );
        let mut turned = 0.0;
        let (mut right, mut left) = (Vec::new(), Vec::new());
        for part in parts {
            let angle = (turned + part.size / 2.0) / sum * std::f32::consts::TAU;
            turned += part.size;
            let side = if angle.sin() >= 0.0 { &mut right } else { &mut left };
            side.push((part, angle));
        }
        // From the top down on both sides.
        left.reverse();
        self.side(&mut out, &right, 1.0);
        self.side(&mut out, &left, -1.0);
        out.push_str("</g>");
        out
    }

    fn side(&self, out: &mut String, parts: &[(&Part, f32)], sign: f32) {
        let (middle_x, middle_y) = (WIDTH / 2.0, self.height / 2.0);
        let wanted = parts
            .iter()
            .map(|(_, angle)| middle_y - (self.radius + BEND) * angle.cos());
        let lines = spread(wanted.collect(), PITCH / 2.0 + 4.0, self.height - PITCH / 2.0 - 4.0);
        for ((part, angle), y) in parts.iter().zip(lines) {
            let at = |distance: f32| (middle_x + distance * angle.sin(), middle_y - distance * angle.cos());
            let (from_x, from_y) = at(self.radius);
            let (out_x, out_y) = at(self.radius + BEND * 0.6);
            // Beside the ring, so that no line runs over other parts.
            let bend_x = middle_x + sign * (self.radius + BEND);
            let end_x = bend_x + sign * (LEAD - 4.0);
            let text_x = end_x + sign * 4.0;
            let anchor = if sign > 0.0 { "start" } else { "end" };
            let _ = write!(
                out,
                "<polyline fill=\"none\" stroke=\"#555555\" points=\"{from_x:.1},{from_y:.1} {out_x:.1},{out_y:.1} {bend_x:.1},{y:.1} \
                 {end_x:.1},{y:.1}\"/>\
                 <text x=\"{text_x:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
                y + self.font * 0.36,
                escaped(&part.text)
            );
        }
    }
}

/// Moves what stands too close apart, keeping the order and staying between `top` and `bottom`.
fn spread(mut lines: Vec<f32>, top: f32, bottom: f32) -> Vec<f32> {
    let mut least = top;
    for line in &mut lines {
        *line = line.max(least);
        least = *line + PITCH;
    }
    let mut most = bottom;
    for line in lines.iter_mut().rev() {
        *line = line.min(most);
        most = *line - PITCH;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_order_and_distance() {
        for wanted in [
            vec![50.0, 51.0, 52.0, 53.0],
            vec![0.0, 0.0],
            vec![199.0, 200.0, 300.0],
            vec![],
        ] {
            let lines = spread(wanted.clone(), 10.0, 200.0);
            assert_eq!(lines.len(), wanted.len());
            assert!(lines.iter().all(|y| (10.0..=200.0).contains(y)), "{lines:?}");
            assert!(
                lines.windows(2).all(|pair| pair[1] - pair[0] > PITCH - 0.01),
                "{lines:?}"
            );
        }
    }

    #[test]
    fn long_words_are_never_cut_off() {
        for width in [40.0, 200.0, 300.0, 900.0] {
            let parts = [Part {
                text: "农业".into(),
                width,
                size: 1.0,
            }];
            let ring = Ring::around(&parts);
            let right = WIDTH / 2.0 + ring.radius + BEND + LEAD + width * ring.font / FONT_SIZE;
            assert!(right <= WIDTH, "{width}: {right}");
        }
    }
}
