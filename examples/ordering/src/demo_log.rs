//! A small invoice log that is the same every time, with everything in it that a real one has.

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, date};

use crate::log::COLUMNS;

const SEED: u64 = 2010;
const FIRST_DAY: Date = date(2011, 3, 1);
/// March, April and May.
const DAYS: usize = 92;
const FIRST_CUSTOMER: u64 = 12_001;
const CUSTOMERS: u64 = 40;
const FIRST_INVOICE: u64 = 540_001;

/// More than half of the customers live at home, as in a real shop.
const HOME: &str = "United Kingdom";
const ABROAD: [&str; 11] = [
    "Australia",
    "Belgium",
    "EIRE",
    "France",
    "Germany",
    "Japan",
    "Netherlands",
    "Norway",
    "Portugal",
    "Spain",
    "Switzerland",
];

/// Stock code, description and price in millipounds. Two codes differ by case only.
const GOODS: [(&str, &str, i64); 24] = [
    ("10002", "INFLATABLE POLITICAL GLOBE ", 850),
    ("15034", "PAPER POCKET TRAVELING FAN", 143),
    ("15056BL", "EDWARDIAN PARASOL BLACK", 5_950),
    ("15056bl", "EDWARDIAN PARASOL, BLACK", 4_950),
    ("20725", "LUNCH BAG RED RETROSPOT", 1_650),
    ("20914", "SET/5 RED RETROSPOT LID GLASS BOWLS", 2_950),
    ("21212", "PACK OF 72 RETROSPOT CAKE CASES", 425),
    ("21381", "MINI WOODEN HAPPY BIRTHDAY GARLAND", 1_690),
    ("21533", "RETROSPOT LARGE MILK JUG", 4_950),
    ("21730", "GLASS STAR FROSTED T-LIGHT HOLDER", 4_250),
    ("21754", "HOME BUILDING BLOCK WORD", 5_950),
    ("22086", "PAPER CHAIN KIT 50'S CHRISTMAS ", 2_550),
    ("22197", "SMALL POPCORN HOLDER", 720),
    ("22386", "JUMBO BAG PINK POLKADOT", 1_950),
    ("22423", "REGENCY CAKESTAND 3 TIER", 12_750),
    ("22633", "HAND WARMER UNION JACK", 1_850),
    ("22745", "POPPY'S PLAYHOUSE, BEDROOM ", 2_100),
    ("22752", "SET 7 BABUSHKA NESTING BOXES", 7_650),
    ("22960", "JAM MAKING SET WITH JARS, \"HOME MADE\"", 3_750),
    ("23084", "RABBIT NIGHT LIGHT", 2_080),
    ("47566", "PARTY BUNTING", 4_650),
    ("82482", "WOODEN PICTURE FRAME 12\" WHITE", 2_550),
    ("85123A", "WHITE HANGING HEART T-LIGHT HOLDER", 2_950),
    ("DOT", "GIFT VOUCHER £10.00", 10_000),
];

/// The text of a log of about 2,000 rows over three months, byte for byte the same in every call.
///
/// 40 customers of 12 countries order 24 kinds of goods and return some. Every reason for which a
/// row is refused occurs, and so do exact duplicates, rows without a description, invoices that
/// are interrupted by another one and carry two timestamps, and descriptions with commas and quotes.
#[must_use]
pub fn demo_log() -> String {
    let mut shop = Shop::new();
    for day in FIRST_DAY.series(1.day()).take(DAYS) {
        shop.trade(day);
    }
    shop.text
}

/// The shop while it trades: what was written, and who holds what.
struct Shop {
    random: SplitMix64,
    text: String,
    next_invoice: u64,
    /// Units bought and not returned, by customer and goods.
    outstanding: Vec<[i64; GOODS.len()]>,
    /// Rows of an interrupted invoice, to be written after the next invoice.
    held_back: Vec<DemoRow>,
}

#[derive(Clone)]
struct DemoRow {
    invoice: String,
    goods: usize,
    described: bool,
    quantity: i64,
    date: DateTime,
    millipounds: i64,
    customer: Option<u64>,
}

impl Shop {
    fn new() -> Self {
        Self {
            random: SplitMix64(SEED),
            text: COLUMNS.join(",") + "\n",
            next_invoice: FIRST_INVOICE,
            outstanding: vec![[0; GOODS.len()]; CUSTOMERS as usize],
            held_back: Vec::new(),
        }
    }

    fn trade(&mut self, day: Date) {
        for hour in 8..13 {
            let minute = self.random.below(50) as i8;
            let date = day.at(hour, minute, 0, 0);
            match self.random.below(100) {
                0..=11 => self.sell_at_the_counter(date),
                12..=24 => self.credit(date),
                25 => self.adjust(date),
                _ => self.sell(date),
            }
        }
    }

    /// An order of a known customer, with now and then a row that cannot be sold.
    fn sell(&mut self, date: DateTime) {
        let invoice = self.invoice_number("");
        let customer = self.random.below(CUSTOMERS);
        let mut rows = Vec::new();
        for _ in 0..=self.random.below(9) {
            let goods = self.random.below(GOODS.len() as u64) as usize;
            let mut row = DemoRow {
                invoice: invoice.clone(),
                goods,
                described: true,
                quantity: 1 + self.random.below(24) as i64,
                date,
                millipounds: GOODS[goods].2,
                customer: Some(customer),
            };
            match self.random.below(60) {
                0 => row.quantity = -row.quantity,
                1 => row.quantity = 0,
                2 | 3 => row.millipounds = 0,
                _ => self.outstanding[customer as usize][goods] += row.quantity,
            }
            if row.quantity > 0 && row.millipounds > 0 && self.random.below(40) == 0 {
                self.outstanding[customer as usize][goods] += row.quantity;
                rows.push(row.clone());
            }
            rows.push(row);
        }
        self.write_invoice(rows);
    }

    /// Rows that name no customer, some of them without a description.
    fn sell_at_the_counter(&mut self, date: DateTime) {
        let invoice = self.invoice_number("");
        let count = 1 + self.random.below(5);
        let rows = (0..count).map(|_| {
            let goods = self.random.below(GOODS.len() as u64) as usize;
            DemoRow {
                invoice: invoice.clone(),
                goods,
                described: self.random.below(4) > 0,
                quantity: 1 + self.random.below(3) as i64,
                date,
                millipounds: GOODS[goods].2,
                customer: None,
            }
        });
        let rows = rows.collect();
        self.write_invoice(rows);
    }

    /// Goods that come back: mostly ones that the customer has, else too many or none of theirs.
    fn credit(&mut self, date: DateTime) {
        let invoice = self.invoice_number("C");
        let customer = self.random.below(CUSTOMERS);
        let known = self.random.below(12) > 0;
        let mut rows = Vec::new();
        for _ in 0..=self.random.below(2) {
            let start = self.random.below(GOODS.len() as u64) as usize;
            let wants_held = self.random.below(8) > 0;
            let outstanding = &mut self.outstanding[customer as usize];
            let goods = (0..GOODS.len())
                .map(|step| (start + step) % GOODS.len())
                .find(|goods| (outstanding[*goods] > 0) == wants_held)
                .unwrap_or(start);
            let held = outstanding[goods];
            let quantity = match self.random.below(6) {
                0 => held + 1 + self.random.below(5) as i64,
                _ => 1 + self.random.below(held.clamp(1, 12) as u64) as i64,
            };
            if known && quantity <= held {
                outstanding[goods] -= quantity;
            }
            rows.push(DemoRow {
                invoice: invoice.clone(),
                goods,
                described: true,
                quantity: -quantity,
                date,
                millipounds: GOODS[goods].2,
                customer: known.then_some(customer),
            });
        }
        self.write_invoice(rows);
    }

    /// A correction in the books, which is neither an order nor a credit.
    fn adjust(&mut self, date: DateTime) {
        let row = DemoRow {
            invoice: self.invoice_number("A"),
            goods: 0,
            described: true,
            quantity: 1,
            date,
            millipounds: -(1_000 + self.random.below(1_000_000) as i64),
            customer: None,
        };
        self.write_invoice(vec![row]);
    }

    fn invoice_number(&mut self, prefix: &str) -> String {
        let number = self.next_invoice;
        self.next_invoice += 1;
        format!("{prefix}{number}")
    }

    /// Writes the rows; of some invoices the second half only after the invoice that follows.
    fn write_invoice(&mut self, mut rows: Vec<DemoRow>) {
        let interrupted = rows.len() > 3 && self.random.below(30) == 0;
        let held_back = if interrupted {
            rows.split_off(rows.len() / 2)
        } else {
            Vec::new()
        };
        for row in rows {
            self.write_row(&row);
        }
        for mut row in std::mem::replace(&mut self.held_back, held_back) {
            row.date = row.date.saturating_add(1.minute());
            self.write_row(&row);
        }
    }

    fn write_row(&mut self, row: &DemoRow) {
        let (stock_code, description, _) = GOODS[row.goods];
        let description = if row.described { description } else { "" };
        let customer = row
            .customer
            .map(|customer| format!("{}.0", FIRST_CUSTOMER + customer))
            .unwrap_or_default();
        self.text.push_str(&format!(
            "{},{stock_code},{},{},{},{},{customer},{}\n",
            row.invoice,
            quoted(description),
            row.quantity,
            row.date.strftime("%Y-%m-%d %H:%M:%S"),
            pounds(row.millipounds),
            row.customer.map_or(HOME, country),
        ));
    }
}

fn country(customer: u64) -> &'static str {
    match customer as usize {
        odd if odd % 2 == 1 => ABROAD[odd / 2 % ABROAD.len()],
        _ => HOME,
    }
}

fn quoted(field: &str) -> String {
    if field.contains([',', '"']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

/// Pounds with one to three decimals, as the real log writes them.
fn pounds(millipounds: i64) -> String {
    let sign = if millipounds < 0 { "-" } else { "" };
    let magnitude = millipounds.unsigned_abs();
    let decimals = format!("{:03}", magnitude % 1000);
    let trimmed = decimals.trim_end_matches('0');
    let decimals = if trimmed.is_empty() { "0" } else { trimmed };
    format!("{sign}{}.{decimals}", magnitude / 1000)
}

/// Vigna's SplitMix64: small, good enough to shuffle a shop, and the same on every machine.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from zero up to `bound`, excluding it; `bound` is never zero here.
    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}
