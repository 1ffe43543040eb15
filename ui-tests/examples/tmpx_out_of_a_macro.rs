//! The attributes work on items that another macro writes.

use orchestrix::prelude::*;

macro_rules! counter {
    ($name:ident, $event:ident, $command:ident, $view:ident, $field:ident, $ty:ty) => {
        #[derive(Event, Serialize, Deserialize)]
        struct $event {
            $field: $ty,
        }
        #[derive(Command)]
        struct $command {
            #[id]
            $field: $ty,
        }
        #[derive(Default)]
        struct $name;
        #[aggregate]
        impl $name {
            #[handle]
            fn count(&self, cmd: $command, _: &CommandContext) -> $event {
                $event { $field: cmd.$field }
            }
            #[apply]
            fn counted(&mut self, _: &$event) {}
        }
        #[derive(Default, Serialize, Deserialize)]
        struct $view(u32);
        #[projection(key = $field)]
        impl $view {
            #[apply]
            fn counted(&mut self, _: &$event, _: &orchestrix::store::RecordedEvent) {
                self.0 += 1;
            }
        }
    };
}

counter!(Sheep, SheepCounted, CountSheep, SheepView, flock, u32);

mod inner {
    use orchestrix::prelude::*;

    macro_rules! item {
        ($item:item) => {
            #[aggregate]
            $item
        };
    }

    #[derive(Event, Serialize, Deserialize)]
    struct Born;
    pub(crate) struct Lamb;
    item! {
        impl Lamb {
            #[apply]
            fn born(_: &Born) -> Self {
                Lamb
            }
        }
    }
}

fn main() {
    assert_eq!((Sheep::CATEGORY, inner::Lamb::CATEGORY), ("sheep", "lamb"));
    assert_eq!(SheepView::NAME, "sheep_view");
    let _ = (CountSheep { flock: 1 }, inner::LambEvent::types());
}
