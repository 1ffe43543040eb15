//! What the saga leads: orders that are placed, paid, shipped or cancelled.

use orchestrix::prelude::*;

macro_rules! parts {
    ($($event:ident, $command:ident { $($field:ident: $type:ty)? };)*) => {$(
        #[derive(Event, Debug, Serialize, Deserialize)]
        pub(in crate::sagas) struct $event {
            pub(in crate::sagas) order: String,
            $(pub(in crate::sagas) $field: $type,)?
        }

        #[derive(Command, Debug, Serialize, Deserialize)]
        pub(in crate::sagas) struct $command {
            #[id]
            pub(in crate::sagas) order: String,
            $(pub(in crate::sagas) $field: $type,)?
        }
    )*};
}

parts! {
    OrderPlaced, Place {};
    Noted, Note { number: u32 };
    PaymentTaken, Pay {};
    OrderHeld, Hold {};
    Shipped, Ship {};
    Cancelled, Cancel {};
    Escalated, Escalate {};
}

#[derive(Debug, Default, Clone, PartialEq)]
pub(in crate::sagas) struct Order {
    pub(in crate::sagas) notes: Vec<u32>,
    pub(in crate::sagas) held: bool,
    pub(in crate::sagas) shipped: u32,
    pub(in crate::sagas) cancelled: u32,
    pub(in crate::sagas) escalated: u32,
}

#[derive(Debug, thiserror::Error)]
#[error("the order is held")]
pub(in crate::sagas) struct Held;

#[aggregate]
impl Order {
    #[handle]
    fn place(&self, cmd: Place) -> OrderPlaced {
        OrderPlaced { order: cmd.order }
    }
    #[handle]
    fn note(&self, cmd: Note) -> Noted {
        let Note { order, number } = cmd;
        Noted { order, number }
    }
    #[handle]
    fn pay(&self, cmd: Pay) -> PaymentTaken {
        PaymentTaken { order: cmd.order }
    }
    #[handle]
    fn hold(&self, cmd: Hold) -> OrderHeld {
        OrderHeld { order: cmd.order }
    }
    #[handle]
    fn ship(&self, cmd: Ship) -> Result<Shipped, Held> {
        match self.held {
            true => Err(Held),
            false => Ok(Shipped { order: cmd.order }),
        }
    }
    #[handle]
    fn cancel(&self, cmd: Cancel) -> Result<Cancelled, Held> {
        match self.held {
            true => Err(Held),
            false => Ok(Cancelled { order: cmd.order }),
        }
    }
    #[handle]
    fn escalate(&self, cmd: Escalate) -> Escalated {
        Escalated { order: cmd.order }
    }

    #[apply]
    fn placed(&mut self, _: &OrderPlaced) {}
    #[apply]
    fn noted(&mut self, event: &Noted) {
        self.notes.push(event.number);
    }
    #[apply]
    fn paid(&mut self, _: &PaymentTaken) {}
    #[apply]
    fn on_hold(&mut self, _: &OrderHeld) {
        self.held = true;
    }
    #[apply]
    fn shipped(&mut self, _: &Shipped) {
        self.shipped += 1;
    }
    #[apply]
    fn cancelled(&mut self, _: &Cancelled) {
        self.cancelled += 1;
    }
    #[apply]
    fn escalated(&mut self, _: &Escalated) {
        self.escalated += 1;
    }
}
